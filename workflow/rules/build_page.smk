rule build_page:
    input:
        lambda wildcards: sources(
            jobs.page_sources(wildcards.survey, wildcards.label), wildcards.survey, "page", wildcards.label
        ),
    output:
        "results/{survey}/explore/{label}.html",
    log:
        "results/{survey}/logs/page_{label}.log",
    benchmark:
        "results/{survey}/benchmarks/page_{label}.tsv"
    conda:
        "../../environment.yml"
    resources:
        survey=lambda wildcards: jobs.file(wildcards.survey),
        mem_mb=lambda wildcards, attempt: requests.memory_of_page(attempt),
        runtime=lambda wildcards, attempt: requests.minutes_of_page(attempt),
    message:
        "{wildcards.survey}: build the page of {wildcards.label}"
    shell:
        "survey page {resources.survey:q} {wildcards.label} > {log} 2>&1"
