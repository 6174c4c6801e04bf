"""Jobs made to hurt: fllint answers with findings, in bounded time and memory, and touches nothing else."""
