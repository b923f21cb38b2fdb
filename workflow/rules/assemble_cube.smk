rule assemble_cube:
    input:
        lambda wildcards: sources(
            jobs.tiles(wildcards.survey, wildcards.label), wildcards.survey, "cube", wildcards.label
        ),
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
        mem_mb=lambda wildcards, attempt: requests.memory_of_cube(wildcards.survey, wildcards.label, attempt),
        runtime=lambda wildcards, attempt: requests.minutes_of_cube(wildcards.survey, wildcards.label, attempt),
    message:
        "{wildcards.survey}: assemble the cube of {wildcards.label}"
    shell:
        "survey assemble {resources.survey:q} {wildcards.label} > {log} 2>&1"
