rule rank_experiments:
    input:
        lambda wildcards: sources(
            jobs.finding_sources(wildcards.survey, "experiments"), wildcards.survey, "finding", "experiments"
        ),
    output:
        "results/{survey}/experiments.nc",
    log:
        "results/{survey}/logs/experiments.log",
    benchmark:
        "results/{survey}/benchmarks/experiments.tsv"
    conda:
        "../../environment.yml"
    resources:
        survey=lambda wildcards: jobs.file(wildcards.survey),
        mem_mb=lambda wildcards, attempt: requests.memory_of_finding(wildcards.survey, "experiments", attempt),
        runtime=lambda wildcards, attempt: requests.minutes_of_finding(wildcards.survey, "experiments", attempt),
    message:
        "{wildcards.survey}: rank experiments"
    shell:
        "survey rank {resources.survey:q} > {log} 2>&1"
