rule locate_crossovers:
    input:
        lambda wildcards: sources(jobs.crossover_cubes(wildcards.survey), wildcards.survey, "crossovers"),
    output:
        "results/{survey}/crossovers.nc",
    log:
        "results/{survey}/logs/crossovers.log",
    benchmark:
        "results/{survey}/benchmarks/crossovers.tsv"
    # Diagrams wait for crossovers, and not the other way round.
    priority: 1
    conda:
        "../../environment.yml"
    threads: threads_of_crossovers
    resources:
        survey=lambda wildcards: jobs.file(wildcards.survey),
        mem_mb=lambda wildcards, attempt: requests.memory_of_crossovers(wildcards.survey, attempt),
        runtime=lambda wildcards, attempt: requests.minutes_of_crossovers(wildcards.survey, attempt),
    message:
        "{wildcards.survey}: locate crossovers"
    shell:
        "survey crossovers {resources.survey:q} --threads {threads} > {log} 2>&1"
