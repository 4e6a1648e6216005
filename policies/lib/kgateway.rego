# METADATA
# description: What kgateway makes of spec.tls of a BackendConfigPolicy, in the names of all releases.
package lib.kgateway

import data.lib.text

# METADATA
# description: The names that the backend may show; verifySubjectAltName before release 2.1.
names(tls) := object.get(tls, "verifySubjectAltNames", object.get(tls, "verifySubjectAltName", []))

# METADATA
# description: The files beside the proxy; tlsFiles before release 2.1.
files(tls) := object.get(tls, "files", object.get(tls, "tlsFiles", {}))

# METADATA
# description: The field of the files, as the object spells it.
files_field(tls) := "tlsFiles" if tls.tlsFiles

files_field(tls) := "files" if not tls.tlsFiles

# METADATA
# description: The Services and Backends that a policy is for.
targets := text.list([target.name | some target in input.object.spec.targetRefs]) if count(input.object.spec.targetRefs) > 0

targets := "its targets" if count(object.get(input.object.spec, "targetRefs", [])) == 0

# METADATA
# description: What becomes of requests where kgateway refuses the policy (irtranslator/backend.go, a cluster without endpoints).
refused := sprintf("requests to %s fail with 5xx", [targets])

# METADATA
# description: The order of TLS versions.
versions := {"1.0": 1, "1.1": 2, "1.2": 3, "1.3": 4}
