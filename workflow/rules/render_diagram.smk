rule render_diagram:
    input:
        lambda wildcards: sources(
            jobs.diagram_sources(wildcards.survey, wildcards.name), wildcards.survey, "diagram", wildcards.name
        ),
    output:
        multiext("results/{survey}/diagrams/{name}", ".html", ".png", ".svg"),
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
