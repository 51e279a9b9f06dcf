{{- define "voc.prefix" -}}
{{- default .Release.Name .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "voc.processor" -}}{{ include "voc.prefix" . }}-processor{{- end -}}
{{- define "voc.query" -}}{{ include "voc.prefix" . }}-query{{- end -}}
{{- define "voc.migrate" -}}{{ include "voc.prefix" . }}-migrate{{- end -}}

{{/* Labels of an object; the argument has the root as `root` and the name of its app as `app`. */}}
{{- define "voc.labels" -}}
app: {{ .app }}
app.kubernetes.io/part-of: voc
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Labels that select the pods of an app. */}}
{{- define "voc.selector" -}}
app: {{ .app }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{/* Labels of pods, without those that change with the chart, which would restart them. */}}
{{- define "voc.podLabels" -}}
{{ include "voc.selector" . }}
app.kubernetes.io/part-of: voc
{{- end -}}

{{/* An image; the argument has the root as `root` and the image's name as `image`. */}}
{{- define "voc.image" -}}
{{- with .root.Values.image.registry }}{{ . }}/{{ end -}}
{{ .image }}:{{ default .root.Chart.AppVersion .root.Values.image.tag }}
{{- end -}}

{{- define "voc.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "voc.containerSecurity" -}}
runAsNonRoot: true
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Pods of an app on different nodes and in different zones, as far as possible. */}}
{{- define "voc.spread" -}}
affinity:
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          labelSelector:
            matchLabels:
              {{- include "voc.selector" . | nindent 14 }}
          topologyKey: kubernetes.io/hostname
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: topology.kubernetes.io/zone
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "voc.selector" . | nindent 8 }}
{{- end -}}

{{/* Where a pod may be scheduled; the argument is the service's values. */}}
{{- define "voc.scheduling" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Data of a ConfigMap; the argument is a map of settings. Helm reads numbers of a file as floating-point ones, which
would be written as 1e+10. */}}
{{- define "voc.config" -}}
{{- range $name, $value := . }}
{{- if and (kindIs "float64" $value) (eq (toString $value) (toString (floor $value))) }}
{{ $name }}: {{ printf "%.0f" $value | quote }}
{{- else }}
{{ $name }}: {{ $value | toString | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Settings that a container gets; the argument has the names `config` and `secret`. */}}
{{- define "voc.settings" -}}
envFrom:
  - configMapRef:
      name: {{ .config }}
env:
  - name: CLICKHOUSE_USER
    valueFrom:
      secretKeyRef:
        name: {{ .secret }}
        key: CLICKHOUSE_USER
{{- end -}}

{{/* Without initial delays, because neither begins before the startup probe has succeeded. */}}
{{- define "voc.probes" -}}
livenessProbe:
  httpGet:
    path: /healthz
    port: http
  periodSeconds: 15
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet:
    path: /readyz
    port: http
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
{{- end -}}

{{/* A port's number from the settings, which is what the program listens on. */}}
{{- define "voc.port" -}}
{{- required "HTTP_PORT is needed" .config.HTTP_PORT | toString | atoi -}}
{{- end -}}

{{/* The pods of the migration; their hash is a part of the Job's name, because a Job cannot be changed. */}}
{{- define "voc.migrate.template" -}}
metadata:
  labels:
    {{- include "voc.podLabels" (dict "root" . "app" (include "voc.migrate" .)) | nindent 4 }}
spec:
  # Each attempt keeps its log.
  restartPolicy: Never
  serviceAccountName: {{ include "voc.processor" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- include "voc.podSecurity" . | nindent 4 }}
  {{- include "voc.scheduling" .Values.processor | nindent 2 }}
  containers:
    - name: voc-migrate
      image: {{ include "voc.image" (dict "root" . "image" .Values.processor.image) }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [migrate, up]
      {{- $config := printf "%s-config" (include "voc.processor" .) }}
      {{- include "voc.settings" (dict "config" $config "secret" .Values.processor.existingSecret) | nindent 6 }}
      resources:
        {{- toYaml .Values.migrate.resources | nindent 8 }}
      securityContext:
        {{- include "voc.containerSecurity" . | nindent 8 }}
      volumeMounts:
        - name: secrets
          mountPath: /etc/voc/secrets
          readOnly: true
  volumes:
    - name: secrets
      secret:
        secretName: {{ .Values.processor.existingSecret }}
        # Readable for the group, because files of a Secret belong to root.
        defaultMode: 0440
{{- end -}}
