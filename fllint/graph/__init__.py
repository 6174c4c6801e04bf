"""A job as a graph: sites, apps, configs, workflows, executors, tasks, components, classes, scripts and files, with the
edges between them and what is wrong with each; and the formats in which it is shown."""
