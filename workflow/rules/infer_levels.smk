rule infer_levels:
    input:
        lambda wildcards: sources(
            jobs.finding_sources(wildcards.survey, f"posterior_{wildcards.rival}"),
            wildcards.survey,
            "finding",
            f"posterior_{wildcards.rival}",
        ),
    output:
        "results/{survey}/posterior_{rival}.nc",
    log:
        "results/{survey}/logs/posterior_{rival}.log",
    benchmark:
        "results/{survey}/benchmarks/posterior_{rival}.tsv"
    conda:
        "../../environment.yml"
    resources:
        survey=lambda wildcards: jobs.file(wildcards.survey),
        mem_mb=lambda wildcards, attempt: requests.memory_of_finding(
            wildcards.survey, f"posterior_{wildcards.rival}", attempt
        ),
        runtime=lambda wildcards, attempt: requests.minutes_of_finding(
            wildcards.survey, f"posterior_{wildcards.rival}", attempt
        ),
    message:
        "{wildcards.survey}: infer the levels of {wildcards.rival}"
    shell:
        "survey infer {resources.survey:q} {wildcards.rival} > {log} 2>&1"
