// Package chart holds the tests of charts/tlsward: what the API server, RBAC and Prometheus make of a rendered chart. It is a
// module of its own, so that Helm's library is no dependency of the program.
package chart
