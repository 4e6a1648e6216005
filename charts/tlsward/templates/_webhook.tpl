{{/*
One webhook of the judged kinds: as below, and door: validate or mutate.
*/}}
{{- define "tlsward.webhook" -}}
{{- $root := .root }}
{{- $clusterScoped := eq .mode "none" }}
{{- $rules := dict }}
{{- $conditions := list }}
{{- range $key, $kind := include "tlsward.judged" . | fromYaml }}
{{- /* No selector keeps a cluster-scoped object away: it belongs to the webhook of the global mode alone. */}}
{{- if or (eq $kind.scope "Namespaced") $clusterScoped }}
{{- $rule := printf "%s/%s" $kind.scope $kind.group }}
{{- $_ := set $rules $rule (append (default list (get $rules $rule)) $kind.resource) }}
{{- if not $kind.always }}
{{- $any := list }}
{{- range $kind.conditions }}{{ $any = append $any (printf "(%s)" .) }}{{ end }}
{{- $expression := printf "!(request.resource.group == %q && request.resource.resource == %q) || %s" $kind.group $kind.resource (join " || " $any) }}
{{- $conditions = append $conditions (dict "name" $key "expression" $expression) }}
{{- end }}
{{- end }}
{{- end -}}
{{ include "tlsward.webhookHead" . }}
{{- with $conditions }}
# An object that no rule could say anything about costs no call.
matchConditions:
  {{- toYaml . | nindent 2 }}
{{- end }}
rules:
{{- range $rule, $resources := $rules }}
  - apiGroups: [{{ regexReplaceAll "^[^/]*/" $rule "" | quote }}]
    # Whatever versions the cluster serves, now or after its next upgrade.
    apiVersions: ["*"]
    operations: [CREATE, UPDATE]
    resources: [{{ $resources | uniq | sortAlpha | join ", " }}]
    scope: {{ regexReplaceAll "/.*$" $rule "" }}
{{- end }}
{{- end }}

{{/*
What all webhooks have in common: {root, name, path, mode, failurePolicy, timeoutSeconds}.

mode is what the label tlsward.dev/mode must say; none stands for every namespace without one of the three values. So each
namespace has exactly one webhook of a sort, or none if the label says off, and the label works while tlsward is down.
*/}}
{{- define "tlsward.webhookHead" -}}
{{- $root := .root -}}
name: {{ .name }}
admissionReviewVersions: [v1]
# Without caBundle: tlsward or cert-manager writes it, and no render may take it away again.
clientConfig:
  service:
    name: {{ include "tlsward.fullname" $root }}
    namespace: {{ $root.Release.Namespace }}
    path: {{ .path }}
    port: 443
sideEffects: None
failurePolicy: {{ .failurePolicy }}
timeoutSeconds: {{ .timeoutSeconds }}
matchPolicy: Equivalent
namespaceSelector:
  matchExpressions:
    - key: tlsward.dev/mode
      operator: {{ ternary "NotIn" "In" (eq .mode "none") }}
      values: [{{ ternary `enforce, warn, "off"` .mode (eq .mode "none") }}]
    # The API server itself sets this label, and nobody can change it.
    - key: kubernetes.io/metadata.name
      operator: NotIn
      values:
        {{- concat (list $root.Release.Namespace "kube-system") $root.Values.webhooks.excludedNamespaces | uniq | toYaml | nindent 8 }}
objectSelector: {}
{{- end }}

{{/* Asks cert-manager to write the CA into a webhook configuration. */}}
{{- define "tlsward.injectCA" -}}
{{- if .Values.certManager.enabled }}
annotations:
  cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ include "tlsward.certificate" . }}
{{- end }}
{{- end }}
