configfile: "config/config.yaml"


include: "workflow/rules/common.smk"


rule all:
    input:
        lambda wildcards: jobs.targets(),


include: "workflow/rules/compute_tile.smk"
include: "workflow/rules/assemble_cube.smk"
include: "workflow/rules/locate_crossovers.smk"
include: "workflow/rules/infer_levels.smk"
include: "workflow/rules/compare_rivals.smk"
include: "workflow/rules/predict_observables.smk"
include: "workflow/rules/rank_experiments.smk"
include: "workflow/rules/render_diagram.smk"
include: "workflow/rules/build_page.smk"
include: "workflow/rules/write_index.smk"
