rule compare_rivals:
    input:
        lambda wildcards: sources(
            jobs.finding_sources(wildcards.survey, "evidence"), wildcards.survey, "finding", "evidence"
        ),
    output:
        "results/{survey}/evidence.nc",
    log:
        "results/{survey}/logs/evidence.log",
    benchmark:
        "results/{survey}/benchmarks/evidence.tsv"
    conda:
        "../../environment.yml"
    resources:
        survey=lambda wildcards: jobs.file(wildcards.survey),
        mem_mb=lambda wildcards, attempt: requests.memory_of_finding(wildcards.survey, "evidence", attempt),
        runtime=lambda wildcards, attempt: requests.minutes_of_finding(wildcards.survey, "evidence", attempt),
    message:
        "{wildcards.survey}: weigh the rivals against each other"
    shell:
        "survey compare {resources.survey:q} > {log} 2>&1"
