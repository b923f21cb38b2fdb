rule assemble_cube:
    input:
        lambda wildcards: jobs.tiles(wildcards.survey, wildcards.label),
    output:
        "results/{survey}/{label}.nc",
    log:
        "results/{survey}/logs/assemble_{label}.log",
    benchmark:
        "results/{survey}/benchmarks/assemble_{label}.tsv"
    conda:
        "../../environment.yml"
    resources:
        survey=lambda wildcards: jobs.file(wildcards.survey),
        mem_mb=lambda wildcards, attempt: cluster.memory_of_cube(wildcards.survey, wildcards.label, attempt),
        runtime=lambda wildcards, attempt: cluster.minutes_of_cube(wildcards.survey, wildcards.label, attempt),
    params:
        configuration=lambda wildcards: jobs.configuration(wildcards.survey, wildcards.label),
        kind=lambda wildcards: jobs.kind_of_cube(wildcards.survey, wildcards.label),
        accuracy=lambda wildcards: jobs.accuracy(wildcards.survey, wildcards.label),
    message:
        "{wildcards.survey}: assemble the cube of {wildcards.label}"
    shell:
        "survey assemble {resources.survey:q} {wildcards.label} > {log} 2>&1"
