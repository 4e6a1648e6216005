{{/*
What tlsward judges and watches is generated from its rules (files/kinds.yaml); extraKinds adds what rulebooks of the
user need. All lists come out sorted, so that a render never differs from the last one.
*/}}

{{/* The generated file; without it the webhooks would be empty, and nobody would notice. */}}
{{- define "tlsward.generatedKinds" -}}
{{- $kinds := .Files.Get "files/kinds.yaml" | fromYaml }}
{{- if not (and $kinds.judged (hasKey $kinds "watched")) }}{{ fail "files/kinds.yaml is missing or no YAML: make generate writes it" }}{{ end }}
{{- toYaml $kinds }}
{{- end }}

{{/* Guards what the program is built on: it must not be able to block the renewal of a certificate. */}}
{{- define "tlsward.extraKinds" -}}
{{- range .Values.extraKinds }}
{{- if and (eq .group "") (eq .resource "secrets") }}{{ fail "extraKinds: Secrets are watched as secrets.mode says, and never judged themselves" }}{{ end }}
{{- if and (eq .group "") (has .resource (list "configmaps" "services")) (or .validate .mutate) }}
{{- fail (printf "extraKinds: %s are only referred to; a webhook for them could block what everything else needs" .resource) }}
{{- end }}
{{- end }}
{{- toYaml (dict "kinds" .Values.extraKinds) }}
{{- end }}

{{/*
The kinds that one door judges: {root, door: validate or mutate} -> by resource.group, {group, resource, scope, always,
conditions}. A kind that is named twice is judged where either wants it.
*/}}
{{- define "tlsward.judged" -}}
{{- $door := .door }}
{{- $kinds := dict }}
{{- $extra := include "tlsward.extraKinds" .root | fromYaml }}
{{- range concat (include "tlsward.generatedKinds" .root | fromYaml).judged $extra.kinds }}
{{- if get . $door }}
{{- $key := printf "%s.%s" .resource .group | trimSuffix "." }}
{{- if not (hasKey $kinds $key) }}
{{- $_ := set $kinds $key (dict "group" .group "resource" .resource "scope" (default "Namespaced" .scope) "always" false "conditions" list) }}
{{- end }}
{{- $kind := get $kinds $key }}
{{- $condition := get . (printf "%sWhen" $door) | default "" | trim }}
{{- if not $condition }}
{{- $_ := set $kind "always" true }}
{{- else if not (has $condition $kind.conditions) }}
{{- $_ := set $kind "conditions" (append $kind.conditions $condition) }}
{{- end }}
{{- end }}
{{- end }}
{{- toYaml $kinds }}
{{- end }}

{{/* RBAC rules to read everything that is watched but Secrets, which follow secrets.mode. */}}
{{- define "tlsward.readRules" -}}
{{- $groups := dict }}
{{- $extra := include "tlsward.extraKinds" . | fromYaml }}
{{- range concat (include "tlsward.generatedKinds" . | fromYaml).watched $extra.kinds }}
{{- if not (and (eq .group "") (eq .resource "secrets")) }}
{{- $_ := set $groups .group (append (default list (get $groups .group)) .resource) }}
{{- end }}
{{- end }}
{{- range $group, $resources := $groups }}
- apiGroups: [{{ $group | quote }}]
  resources: [{{ $resources | uniq | sortAlpha | join ", " }}]
  verbs: [get, list, watch]
{{- end }}
{{- end }}
