rule predict_observables:
    input:
        lambda wildcards: sources(
            jobs.finding_sources(wildcards.survey, "predictions"), wildcards.survey, "finding", "predictions"
        ),
    output:
        "results/{survey}/predictions.nc",
    log:
        "results/{survey}/logs/predictions.log",
    benchmark:
        "results/{survey}/benchmarks/predictions.tsv"
    conda:
        "../../environment.yml"
    resources:
        survey=lambda wildcards: jobs.file(wildcards.survey),
        mem_mb=lambda wildcards, attempt: requests.memory_of_finding(wildcards.survey, "predictions", attempt),
        runtime=lambda wildcards, attempt: requests.minutes_of_finding(wildcards.survey, "predictions", attempt),
    message:
        "{wildcards.survey}: predict what must be seen besides"
    shell:
        "survey predict {resources.survey:q} > {log} 2>&1"
