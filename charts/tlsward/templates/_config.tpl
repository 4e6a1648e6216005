{{/*
The config file as text. Helm reads values as YAML 1.1, where an unquoted off is false: said of a mode or an action it can
only have meant off. Text is passed on as it is.
*/}}
{{- define "tlsward.config" -}}
{{- if kindIs "string" .Values.config }}
{{- .Values.config }}
{{- else }}
{{- $config := deepCopy .Values.config }}
{{- range $part := prepend (values (default dict $config.clusters)) $config }}
{{- with $part }}
{{- with .admission }}
{{- if kindIs "bool" .mode }}{{ $_ := set . "mode" (ternary "on" "off" .mode) }}{{ end }}
{{- if kindIs "bool" .guard }}{{ $_ := set . "guard" (ternary "on" "off" .guard) }}{{ end }}
{{- end }}
{{- range .actions }}
{{- if kindIs "bool" .action }}{{ $_ := set . "action" (ternary "on" "off" .action) }}{{ end }}
{{- end }}
{{- end }}
{{- end }}
{{- toYaml $config }}
{{- end }}
{{- end }}

{{/* The config file as a mapping. */}}
{{- define "tlsward.parsedConfig" -}}
{{- $config := include "tlsward.config" . | fromYaml }}
{{- if hasKey $config "Error" }}{{ fail (printf "config is no YAML mapping: %s" $config.Error) }}{{ end }}
{{- toYaml $config }}
{{- end }}

{{/* What the config says of admission, with what it has for this cluster over it. Files that it extends are not read here. */}}
{{- define "tlsward.admission" -}}
{{- $config := include "tlsward.parsedConfig" . | fromYaml }}
{{- $overlay := default dict (get (default dict $config.clusters) .Values.clusterName) }}
{{- toYaml (mergeOverwrite dict (default dict $config.admission) (default dict $overlay.admission)) }}
{{- end }}

{{/* enforce, warn or off. */}}
{{- define "tlsward.mode" -}}
{{- $config := include "tlsward.parsedConfig" . | fromYaml }}
{{- $mode := get (include "tlsward.admission" . | fromYaml) "mode" }}
{{- if kindIs "bool" $mode }}{{ $mode = ternary "on" "off" $mode }}{{ end }}
{{- if and $config.extends (not $mode) }}{{ fail "config extends others: want admission.mode in it, or in its part for this cluster, since failurePolicy follows from it" }}{{ end }}
{{- $mode = default "enforce" $mode }}
{{- if not (has $mode (list "enforce" "warn" "off")) }}{{ fail (printf "config: admission.mode is enforce, warn or off, not %v" $mode) }}{{ end }}
{{- $mode }}
{{- end }}

{{/* deny, warn or off. */}}
{{- define "tlsward.guard" -}}
{{- $guard := get (include "tlsward.admission" . | fromYaml) "guard" }}
{{- if kindIs "bool" $guard }}{{ $guard = ternary "on" "off" $guard }}{{ end }}
{{- $guard := default "off" $guard }}
{{- if not (has $guard (list "deny" "warn" "off")) }}{{ fail (printf "config: admission.guard is off, warn or deny, not %v" $guard) }}{{ end }}
{{- $guard }}
{{- end }}

{{/* The rulebooks that the config itself names, which the program finds without a flag, but only if they are mounted. */}}
{{- define "tlsward.rulebooksInConfig" -}}
{{- $mounted := list }}
{{- range .Values.rulebooks }}{{ $mounted = append $mounted .name }}{{ end }}
{{- $named := list }}
{{- $config := include "tlsward.parsedConfig" . | fromYaml }}
{{- $overlay := default dict (get (default dict $config.clusters) .Values.clusterName) }}
{{- range concat (default list $config.rulebooks) (default list $overlay.rulebooks) }}
{{- $path := . }}
{{- if kindIs "map" . }}{{ $path = .path }}{{ end }}
{{- if not (has (clean $path) $mounted) }}
{{- fail (printf "config names the rulebook %s: say under rulebooks which ConfigMap holds it, or no pod will start" $path) }}
{{- end }}
{{- $named = append $named (clean $path) }}
{{- end }}
{{- toYaml $named }}
{{- end }}
