package manifest

// seeds are the inputs that fuzzing starts from, beside those in testdata/fuzz.
var seeds = []string{
	"", "---\n", "# c\n", "\ufeffa: 1\n", "a: 1\r\nb: |\r\n  x\r\n  y\r\nc: d\r\n",
	"apiVersion: v1\nkind: Secret # c\nmetadata:\n  name: x\n  annotations: {a: b, \"c\": 'd'}\ndata:\n- a\n-   b: c\n    d: e\n- - f\n  - g\n",
	"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: a\n---\napiVersion: v1\nkind: Pod\n",
	"{\"apiVersion\":\"v1\",\"kind\":\"Ingress\",\"a\":[1,2.5,true,null,\"x\\n\\u00e9\"]}\n",
	"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Ingress\n- {}\n",
	"a: yes\nb: 0755\nc: 0o17\nd: 0x1F\ne: 1_000\nf: 1:30\ng: .inf\nh: ~\ni: 2026-01-01\nj: 1e3\nk: 12345678901234567890\nl: -0\n",
	"1: a\ntrue: b\n2.5: c\n~: d\n", "a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\ne: *x\n", "a: &x\n  b: 1\n<<: [*x, *x]\n",
	"a: !!binary aGk=\nb: !!str 1\nc: !!int \"5\"\nd: ! \"5\"\n", "a: >-\n  x\n  y\n\n   z\n  w\n\nb: |+\n  x\n\n", "a: |2\n   x\n  y\n",
	"a: b\n c\n\n  d # e\nf: 'it''s\n  g'\nh: \"i\\\n  j\"\n", "? a\n: b\n", "a:\n\tb: c\n", "{{ .Values.x }}\n", "a: {{ .x }}\n",
	"a: [\n  b, # c\n  {d: e},\n]\n", "a: 1\na: 2\nb:\n  c: 1\n  c: 2\n", "--- {a: b}\n...\n%YAML 1.1\n---\nc: d\n...\n", "a\u2028b: 1\n",
	"kind: Ingress\rapiVersion: v1\r", "a: |\n\n  x\n b: c\n", "- &a b\n- *a\n- &c\n  d: e\n", "a: 'x'#y\n", "a: http://x:80/y#z\nb: a#b\nc: -x\n",
}
