rule write_index:
    input:
        lambda wildcards: sources(jobs.index_sources(), "", "index"),
    output:
        "results/index.html",
    log:
        "results/store/logs/index.log",
    conda:
        "../../environment.yml"
    resources:
        surveys=lambda wildcards: shlex.join(jobs.files()),
        mem_mb=lambda wildcards, attempt: requests.memory_of_diagram(attempt),
        runtime=lambda wildcards, attempt: requests.minutes_of_diagram(attempt),
    message:
        "write the index of the results"
    shell:
        "survey index {resources.surveys} > {log} 2>&1"
