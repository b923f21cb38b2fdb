rule render_diagram:
    input:
        lambda wildcards: sources(
            jobs.diagram_sources(wildcards.survey, wildcards.name), wildcards.survey, "diagram", wildcards.name
        ),
    output:
        "results/{survey}/diagrams/{name}.html",
        report(
            "results/{survey}/diagrams/{name}.png",
            caption="../report/diagram.rst",
            category=lambda wildcards: jobs.surveys[wildcards.survey].title,
            labels=lambda wildcards: {
                "diagram": wildcards.name,
                "kind": jobs.surveys[wildcards.survey].diagrams[wildcards.name].kind,
            },
        ),
        "results/{survey}/diagrams/{name}.svg",
    log:
        "results/{survey}/logs/diagram_{name}.log",
    benchmark:
        "results/{survey}/benchmarks/diagram_{name}.tsv"
    conda:
        "../../environment.yml"
    resources:
        survey=lambda wildcards: jobs.file(wildcards.survey),
        mem_mb=lambda wildcards, attempt: requests.memory_of_diagram(attempt),
        runtime=lambda wildcards, attempt: requests.minutes_of_diagram(attempt),
    message:
        "{wildcards.survey}: render diagram {wildcards.name}"
    shell:
        "survey diagram {resources.survey:q} {wildcards.name} > {log} 2>&1"
