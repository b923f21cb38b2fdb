# The survey's file is neither an input nor a parameter: its time stamp and its name would recompute tiles, and a tile
# that exists is finished whichever survey asked for it.
rule compute_tile:
    output:
        "results/store/{quantity}/{digest}.nc",
    log:
        "results/store/{quantity}/logs/{digest}.log",
    benchmark:
        "results/store/{quantity}/benchmarks/{digest}.tsv"
    group:
        batch_of_tile
    conda:
        "../../environment.yml"
    threads: threads_of_tile
    resources:
        survey=lambda wildcards: jobs.file_of_tile(wildcards.digest),
        mem_mb=lambda wildcards, attempt: requests.memory_of_tile(wildcards.digest, attempt),
        runtime=lambda wildcards, attempt: requests.minutes_of_tile(wildcards.digest, attempt),
        tile=1,
    message:
        "{wildcards.quantity}: compute tile {wildcards.digest} (threads: {threads})"
    shell:
        "survey tile {resources.survey:q} {wildcards.digest} --threads {threads} > {log} 2>&1"
