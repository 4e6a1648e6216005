package corpus

// The kinds that tlsward passes over, as they are written in practice.

const deploymentTemplate = `
# {app}: rolled out by Flux. Do not scale by hand, the autoscaler owns replicas.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: {app}
    app.kubernetes.io/version: "1.{number}.0"
    app.kubernetes.io/managed-by: flux
spec:
  revisionHistoryLimit: 3
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
        app.kubernetes.io/instance: {app}
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: "8081"
    spec:
      serviceAccountName: {app}
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: app
          image: registry.example.com/{team}/{app}:1.{number}.0
          args: ["--listen=:8080", "--health=:8081", "--log-format=json"]
          ports:
            - name: http
              containerPort: 8080
            - name: health
              containerPort: 8081
          env:
            - name: POD_NAMESPACE
              valueFrom:
                fieldRef:
                  fieldPath: metadata.namespace
            - name: GOMEMLIMIT
              value: {number}MiB
          envFrom:
            - configMapRef:
                name: {name}-settings
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: {number}Mi # measured, see the dashboard
          readinessProbe:
            httpGet:
              path: /ready
              port: health
            periodSeconds: 5
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
      volumes:
        - name: tmp
          emptyDir: {}
`

const serviceAccountTemplate = `
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/part-of: {app}
    app.kubernetes.io/managed-by: flux
  annotations:
    # Bound to a cloud role by the platform team; {team} may not change it.
    iam.example.com/role: arn:iam:role/{team}-{app}-{number}
    iam.example.com/session: "3600"
automountServiceAccountToken: false
imagePullSecrets:
  - name: registry
`

const roleTemplate = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/part-of: {app}
rules:
  # Leader election
  - apiGroups: [coordination.k8s.io]
    resources: [leases]
    verbs: [get, create, update]
  - apiGroups: [""]
    resources: [configmaps]
    resourceNames: [{app}-settings]
    verbs: [get, list, watch]
  - apiGroups: [""]
    resources: [events]
    verbs: [create, patch]
`

const roleBindingTemplate = `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/part-of: {app}
    app.kubernetes.io/managed-by: flux
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {app}
subjects:
  - kind: ServiceAccount
    name: {app}
    namespace: {namespace}
  # On call may look, not touch.
  - kind: Group
    name: {team}-oncall
    apiGroup: rbac.authorization.k8s.io
`

const autoscalerTemplate = `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/part-of: {app}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {name}
  minReplicas: 2
  maxReplicas: 12
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 70
  behavior:
    scaleDown:
      # Slow, or every deployment of {team} flaps.
      stabilizationWindowSeconds: {number}
`

const networkPolicyTemplate = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/part-of: {app}
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/instance: {app}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: ingress-nginx
      ports:
        - port: 8080
          protocol: TCP
  egress:
    - to: # DNS
        - namespaceSelector: {}
      ports:
        - port: 53
          protocol: UDP
    - to:
        - ipBlock:
            cidr: 10.0.0.0/8
      ports:
        - port: 5432
          protocol: TCP
`

const cronJobTemplate = `
# Nightly clean-up of {app}.
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/part-of: {app}
spec:
  schedule: "17 3 * * *"
  concurrencyPolicy: Forbid
  successfulJobsHistoryLimit: 1
  jobTemplate:
    spec:
      backoffLimit: 2
      template:
        spec:
          restartPolicy: Never
          serviceAccountName: {app}
          containers:
            - name: clean
              image: registry.example.com/{team}/{app}:1.{number}.0
              command: ["/app/clean"]
              args:
                - --older-than=720h
                - --batch={number}
              resources:
                requests:
                  cpu: 50m
                  memory: 64Mi
                limits:
                  memory: 256Mi
`

const budgetTemplate = `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: {app}
    app.kubernetes.io/managed-by: flux
spec:
  # One at a time: {team} keeps sessions in memory.
  maxUnavailable: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
      app.kubernetes.io/instance: {app}
`

const monitorTemplate = `
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {name}
  namespace: {namespace}
  labels:
    app.kubernetes.io/part-of: {app}
    prometheus: {team}
spec:
  selector:
    matchLabels:
      app.kubernetes.io/part-of: {app}
  endpoints:
    - port: health
      path: /metrics
      interval: 30s
      scrapeTimeout: 10s
      relabelings:
        - sourceLabels: [__meta_kubernetes_pod_name]
          targetLabel: pod
      metricRelabelings:
        # Too many series for what they tell.
        - sourceLabels: [__name__]
          regex: go_gc_.*|http_request_size_.*
          action: drop
`
