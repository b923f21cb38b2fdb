rule write_index:
    input:
        lambda wildcards: sources(jobs.index_sources(), "", "index"),
    output:
        "results/index.html",
    log:
        "results/store/logs/index.log",
    localrule: True
    conda:
        "../../environment.yml"
    resources:
        surveys=lambda wildcards: shlex.join(jobs.files()),
    message:
        "write the index of the results"
    shell:
        "survey index {resources.surveys} > {log} 2>&1"
