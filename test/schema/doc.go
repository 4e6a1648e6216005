// Package schema holds what needs the API server's own code, or Gateway API's own manifests, and no cluster: that schema/crd and
// schema/cel say what the API server says, and what the linter says of the manifests that Gateway API tests implementations
// with. It is a module of its own, so that nothing of that reaches the binary.
package schema
