#!/bin/bash
# A study as a Slurm array: each task runs one shard. Submit with: sbatch slurm.sh
# Missing tasks again: sbatch --array=2,7 slurm.sh, with the indices that `turncoat status FOLDER` prints.
#SBATCH --job-name=turncoat
#SBATCH --array=0-15
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --time=24:00:00
#SBATCH --signal=B:TERM@120
#SBATCH --requeue
#SBATCH --output=turncoat-%A_%a.out

# The whole array, also when a part of it is submitted again: how many shards, and the index of the first.
export TURNCOAT_SHARDS=16
export TURNCOAT_SHARD_FIRST=0

# Keys come from the environment of whoever submits, such as OPENAI_API_KEY.
turncoat run paper/all --model openai/gpt-4.1 --judge anthropic/claude-sonnet-4-0 \
  --max-connections 20 --shard auto --log-dir /shared/paper-all &
# The shell hands the signal before the time limit on, so that the shard writes what it has finished.
running=$!
trap 'kill -TERM "$running"' TERM
wait "$running"
code=$?
while kill -0 "$running" 2>/dev/null; do
  wait "$running"
  code=$?
done
exit "$code"
