{{- define "tlsward.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* 50 characters, so that there is room for what is appended. */}}
{{- define "tlsward.fullname" -}}
{{- $name := include "tlsward.name" . }}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) }}
{{- default $full .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "tlsward.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "tlsward.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name, as serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* The Secret with tls.crt and tls.key, filled by tlsward itself or by cert-manager. */}}
{{- define "tlsward.certificate" -}}
{{ include "tlsward.fullname" . }}-certificate
{{- end }}

{{/* What never changes in the life of a release: a Deployment's selector is immutable. */}}
{{- define "tlsward.selector" -}}
app.kubernetes.io/name: {{ include "tlsward.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tlsward.labels" -}}
{{ include "tlsward.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "tlsward.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}
{{- end }}

{{/* The subject of every binding. */}}
{{- define "tlsward.subjects" -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "tlsward.serviceAccount" . }}
    namespace: {{ .Release.Namespace }}
{{- end }}
