#!/usr/bin/env bash
# Builds kube-apiserver, kubectl and etcd once, and prints the folder they stand in, alone, on stdout:
#
#	KUBEBUILDER_ASSETS=$(test/apiserver/build.sh) go test ./test/e2e/...
#
# README.md says what is pinned and why.
set -euo pipefail
cache=${TLSWARD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tlsward}/apiserver
[[ $cache == /* ]] || cache=$PWD/$cache # as the caller means it, so before changing folder
cd "$(dirname "${BASH_SOURCE[0]}")"

# What the caller's environment says about its own builds must not reach these: the binaries run here, and what
# the key below does not name may not change them.
unset GOOS GOARCH
export GOFLAGS=-mod=readonly GOWORK=off CGO_ENABLED=0

# Git has the one hash that is called the same on Linux and macOS. Go is asked in each module, since a go.mod may
# choose the toolchain. This script is in the key, because it holds the flags.
key=$({
	cat build.sh {apiserver,etcd}/go.{mod,sum}
	(cd apiserver && go version)
	(cd etcd && go version)
} | git hash-object --stdin)
folder=$cache/$key

finish() {
	touch "$folder" # so that the sweep below can tell what nobody asks for any more
	echo "$folder"
	exit
}

# A folder gets its name by a rename after all three are built, so one that exists is complete.
[[ ! -d $folder ]] || finish

mkdir -p "$cache"
# The kernel drops this lock when its holder dies, however it dies. macOS has no flock: there, parallel runs build
# twice, which costs time and nothing else.
if command -v flock >/dev/null; then
	exec 9>"$cache/lock"
	flock -n 9 || {
		echo "test/apiserver: waiting for another build" >&2
		flock 9
	}
	[[ ! -d $folder ]] || finish
fi

version=$(cd apiserver && go list -m -f '{{.Version}}' k8s.io/kubernetes)
# An update of k8s.io/kubernetes alone could compile, and yield an API server that lies about its version.
if stale=$(grep ' => ' apiserver/go.mod | grep -v " v0${version#v1}\$"); then
	printf 'test/apiserver/apiserver/go.mod: want every replace at v0%s, got\n%s\n' "${version#v1}" "$stale" >&2
	exit 1
fi

# Unstamped, the API server calls itself v0.0.0-master, and its version gates, clients and a chart's kubeVersion judge
# by that.
IFS=. read -r major minor _ <<<"${version#v}"
stamp=
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
	stamp+=" -X $package.gitVersion=$version -X $package.gitMajor=$major -X $package.gitMinor=$minor"
done

building=$(mktemp -d "$cache/building.XXXXXX")
trap 'rm -rf "$building"' EXIT
echo "test/apiserver: building Kubernetes $version and etcd, once: minutes, the first time" >&2
(cd apiserver && nice go build -trimpath -ldflags "-s -w$stamp" -o "$building/" tool) >&2
(cd etcd && nice go build -trimpath -ldflags "-s -w" -o "$building/etcd" go.etcd.io/etcd/server/v3) >&2
chmod 755 "$building" # mktemp keeps others out
# Where nothing locks, another run may have been faster, with the same result.
[[ -d $folder ]] || mv "$building" "$folder"

# A day of grace, because another checkout may pin other versions and be using them now.
find "$cache" -mindepth 1 -maxdepth 1 -type d -mmin +1440 -exec rm -rf {} +
finish
