// The CRDs that schema/crd knows, as data: `go mod download` brings these modules into the module cache, checked by go.sum,
// and nothing of them is ever run. The tool lines name a package without imports of each, so that `go mod tidy` keeps the
// modules and adds no others.
//
// Names ending in .data are ours: a build holds one version of a module, and these are several of each.
module github.com/tlsward/tlsward/tools/crds/modules

go 1.26.8

tool (
	cert-manager-1.21.data/crds/pkg/apis/certmanager
	envoy-gateway-1.8.data/crds/api
	envoy-gateway-1.9.data/crds/api
	gateway-api-1.1.data/crds/pkg/consts
	gateway-api-1.2.data/crds/pkg/consts
	gateway-api-1.3.data/crds/pkg/consts
	gateway-api-1.4.data/crds/pkg/consts
	gateway-api-1.5.data/crds/pkg/consts
	gateway-api-1.6.data/crds/pkg/consts
)

require (
	cert-manager-1.21.data/crds v0.0.0 // indirect
	envoy-gateway-1.8.data/crds v0.0.0 // indirect
	envoy-gateway-1.9.data/crds v0.0.0 // indirect
	gateway-api-1.1.data/crds v0.0.0 // indirect
	gateway-api-1.2.data/crds v0.0.0 // indirect
	gateway-api-1.3.data/crds v0.0.0 // indirect
	gateway-api-1.4.data/crds v0.0.0 // indirect
	gateway-api-1.5.data/crds v0.0.0 // indirect
	gateway-api-1.6.data/crds v0.0.0 // indirect
)

replace (
	cert-manager-1.21.data/crds => github.com/cert-manager/cert-manager v1.21.2
	envoy-gateway-1.8.data/crds => github.com/envoyproxy/gateway v1.8.0
	envoy-gateway-1.9.data/crds => github.com/envoyproxy/gateway v1.9.1
	gateway-api-1.1.data/crds => sigs.k8s.io/gateway-api v1.1.0
	gateway-api-1.2.data/crds => sigs.k8s.io/gateway-api v1.2.1
	gateway-api-1.3.data/crds => sigs.k8s.io/gateway-api v1.3.0
	gateway-api-1.4.data/crds => sigs.k8s.io/gateway-api v1.4.1
	gateway-api-1.5.data/crds => sigs.k8s.io/gateway-api v1.5.1
	gateway-api-1.6.data/crds => sigs.k8s.io/gateway-api v1.6.3
)
