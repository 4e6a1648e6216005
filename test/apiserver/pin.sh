#!/usr/bin/env bash
# Moves apiserver/go.mod to another release of Kubernetes: test/apiserver/pin.sh 1.36.4
set -euo pipefail
release=${1:?want a release of Kubernetes, such as 1.36.4}
cd "$(dirname "${BASH_SOURCE[0]}")/apiserver"

go mod download "k8s.io/kubernetes@v$release"
upstream=$(go env GOMODCACHE)/cache/download/k8s.io/kubernetes/@v/v$release.mod

# Everything goes but the comment and the commands: kept pins would only ever rise above the third-party versions
# that upstream tested, and the list of its staging modules changes between minor releases.
{
	sed '/^require/,$d' go.mod
	echo "require k8s.io/kubernetes v$release"
	echo
	echo "replace ("
	awk -v version="v0.${release#1.}" '$2 == "v0.0.0" {print "\t" $1 " => " $1 " " version}' "$upstream"
	echo ")"
} >go.mod.new
mv go.mod.new go.mod
rm go.sum
go mod tidy
