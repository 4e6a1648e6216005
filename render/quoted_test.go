package render

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoDataInErrors: what cannot be rendered is told of without the data that is at fault.
func TestNoDataInErrors(t *testing.T) {
	const secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: hunter2}\n"
	patches := func(patch string) string {
		return "resources: [s.yaml]\npatches:\n- " + strings.ReplaceAll(strings.TrimSpace(patch), "\n", "\n  ") + "\n"
	}
	for name, c := range map[string]struct{ kustomization, want string }{
		"literal": {"secretGenerator: [{name: b, literals: [hunter2]}]", "a literal source is not key=value"},
		"bytes":   {"secretGenerator: [{name: b, envs: [bad.env]}]", "a line is no UTF-8"},
		"patch":   {patches(`patch: "kind: Secret\nstringData: {password: hunter2: b}"`), "unable to parse SM or JSON patch from [patch]"},
		"both":    {patches("path: s.yaml\npatch: 'stringData: {password: hunter2}'"), "patch and path can't be set at the same time"},
		"target":  {patches(`patch: '[{"op": "add", "path": "/stringData/password", "value": "hunter2"}]'`), "must specify a target for JSON patch"},
		"alias":   {patches(`patch: "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: *hunter2}"`), "unable to parse"},
		"strategic": {
			patches(`patch: "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: [hunter2]"`), "wrong node kind",
		},
		"replacement": {
			"resources: [s.yaml]\nreplacements: [{source: {kind: Secret, fieldPath: stringData.password}, " +
				"targets: [{select: {kind: Secret}, fieldPaths: [stringData.password.1.foo]}]}]", "wrong node kind: expected SequenceNode",
		},
		"delimiter": {
			"resources: [s.yaml]\nreplacements: [{source: {kind: Secret, fieldPath: stringData.password, options: {delimiter: '-', index: 3}}, " +
				"targets: [{select: {kind: Secret}, fieldPaths: [stringData.other], options: {create: true}}]}]", "options.index 3 is out of bounds",
		},
	} {
		dir := tree(t, map[string]string{"kustomization.yaml": c.kustomization, "s.yaml": secret, "bad.env": "a=hunter2\xff\n"})
		_, err := Kustomize(context.Background(), dir, Files{}, nil)
		tellsWithoutData(t, name, err, c.want)
	}
	for name, c := range map[string]struct{ values, template, want string }{
		"alias": {"password: *hunter2", "a: b", "unknown anchor referenced"},
		"tpl":   {"password: 'hunter2{{'", "a: {{ tpl .Values.password . }}", "cannot parse template"},
		"tpl run": {
			"password: 'hunter2 {{ .Values.a.b }}'", "a: {{ tpl .Values.password . }}", "error during tpl function execution: gotpl:1:",
		},
		"tag": {"password: !!int hunter2", "a: {{ .Values.password }}", "cannot decode !!str as a !!int"},
	} {
		dir := tree(t, map[string]string{"shop/Chart.yaml": chartText, "shop/values.yaml": c.values, "shop/templates/a.yaml": c.template})
		_, err := Helm(context.Background(), filepath.Join(dir, "shop"), Files{}, ChartOptions{})
		tellsWithoutData(t, name, err, c.want)
	}
}

func tellsWithoutData(t *testing.T, name string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want %q", name, err, want)
	} else if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "104 117 110") {
		t.Errorf("%s: tells the data: %v", name, err)
	}
}
