{{/*
A webhook of the guard: as tlsward.webhookHead, but for what is the same of all three. Ignore, always: it warns of accidents, and
no accident is worth an outage of everything that writes a Secret.
*/}}
{{- define "tlsward.guardWebhook" -}}
{{- $root := .root }}
{{- $guard := $root.Values.webhooks.guard }}
{{- $secrets := ne $root.Values.secrets.mode "none" -}}
{{ include "tlsward.webhookHead" (merge (dict "failurePolicy" "Ignore" "timeoutSeconds" $guard.timeoutSeconds) .) }}
# What cannot break anything for others, or must not be held up, costs no call. object and oldObject have no fields but those set.
matchConditions:
  # Who renews, copies and collects. A renewal that is held up is an outage of its own.
  - name: not-by-a-controller
    expression: '!(request.userInfo.username in {{ $guard.exemptUsers | toJson }})'
  {{- with $guard.exemptGroups }}
  - name: not-by-an-exempt-group
    expression: '!has(request.userInfo.groups) || !request.userInfo.groups.exists(g, g in {{ toJson . }})'
  {{- end }}
  - name: more-than-metadata-changes
    expression: >-
      request.operation == "DELETE" || object.?data != oldObject.?data || object.?binaryData != oldObject.?binaryData ||
      object.?spec != oldObject.?spec
  # Helm's own records, and credentials that no listener and no CA reference is meant to read.
  - name: not-a-credential
    expression: >-
      request.resource.resource != "secrets" || !(oldObject.?type.orValue("") in ["helm.sh/release.v1",
      "kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token", "kubernetes.io/dockercfg", "kubernetes.io/dockerconfigjson"])
  - name: not-a-leader-election
    expression: '!("control-plane.alpha.kubernetes.io/leader" in oldObject.metadata.?annotations.orValue({}))'
  - name: not-being-deleted
    expression: '!oldObject.metadata.?deletionTimestamp.hasValue()'
  # For whoever knows better: it takes no more than the right to change the object.
  - name: not-waived
    expression: '![object, oldObject].exists(o, o != null && o.metadata.?annotations[?"tlsward.dev/guard"].orValue("") == "off")'
  {{- if and $secrets $root.Values.secrets.namespaces }}
  - name: secrets-of-our-namespaces
    expression: 'request.resource.resource != "secrets" || request.namespace in {{ $root.Values.secrets.namespaces | toJson }}'
  {{- end }}
rules:
  - apiGroups: [""]
    apiVersions: ["*"]
    operations: [UPDATE, DELETE]
    # Whoever does not let tlsward read Secrets does not want it to be sent any.
    resources: [configmaps, {{ if $secrets }}secrets, {{ end }}services]
    scope: Namespaced
  - apiGroups: [gateway.networking.k8s.io]
    apiVersions: ["*"]
    operations: [UPDATE, DELETE]
    resources: [referencegrants]
    scope: Namespaced
{{- end }}
