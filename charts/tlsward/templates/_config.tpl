{{/*
The config file as text. Helm reads values as YAML 1.1, where an unquoted off is false: said of a mode or an action it can
only have meant off. Text is passed on as it is.
*/}}
{{- define "tlsward.config" -}}
{{- if kindIs "string" .Values.config }}
{{- .Values.config }}
{{- else }}
{{- $config := deepCopy .Values.config }}
{{- range prepend (values (default dict $config.clusters)) $config }}
{{- with . }}
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

{{/* The config file as a mapping, with what the chart reads of it as it is in the cluster that clusterName names. */}}
{{- define "tlsward.parsedConfig" -}}
{{- $config := include "tlsward.config" . | fromYaml }}
{{- if hasKey $config "Error" }}{{ fail (printf "config is no YAML mapping: %s" $config.Error) }}{{ end }}
{{- with .Values.clusterName }}
{{- $clusters := default dict $config.clusters }}
{{- if not (or (hasKey $clusters .) $config.extends) }}{{ fail (printf "clusterName: config names no cluster %s" .) }}{{ end }}
{{- $overlay := default dict (get $clusters .) }}
{{- /* merge would take an off for nothing said. */}}
{{- $admission := default dict $config.admission }}
{{- range $key, $value := default dict $overlay.admission }}{{ $_ := set $admission $key $value }}{{ end }}
{{- $_ := set $config "admission" $admission }}
{{- $_ := set $config "rulebooks" (concat (default list $config.rulebooks) (default list $overlay.rulebooks)) }}
{{- end }}
{{- toYaml $config }}
{{- end }}

{{/* enforce, warn or off. */}}
{{- define "tlsward.mode" -}}
{{- $config := include "tlsward.parsedConfig" . | fromYaml }}
{{- $mode := get (default dict $config.admission) "mode" }}
{{- if kindIs "bool" $mode }}{{ $mode = ternary "on" "off" $mode }}{{ end }}
{{- $mode = default "enforce" $mode }}
{{- if not (has $mode (list "enforce" "warn" "off")) }}{{ fail (printf "config: admission.mode is enforce, warn or off, not %v" $mode) }}{{ end }}
{{- $mode }}
{{- end }}

{{/* deny, warn or off. */}}
{{- define "tlsward.guard" -}}
{{- $config := include "tlsward.parsedConfig" . | fromYaml }}
{{- $guard := get (default dict $config.admission) "guard" }}
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
{{- range (include "tlsward.parsedConfig" . | fromYaml).rulebooks }}
{{- if not (has (clean .) $mounted) }}
{{- fail (printf "config names the rulebook %s: say under rulebooks which ConfigMap holds it, or no pod will start" .) }}
{{- end }}
{{- $named = append $named (clean .) }}
{{- end }}
{{- toYaml $named }}
{{- end }}
