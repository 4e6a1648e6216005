package provider_test

import (
	"strings"
	"testing"

	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

const mentioning = `
kinds:
  - kind: CronJob.batch
    mentions: [acme]
    schedule: {path: spec.schedule}
  - {kind: ConfigMap, mentions: [acme]}
  - {kind: EdgeProxy.acme.example}
`

func object(kind string, fields map[string]any) kube.Object {
	group, kind := kube.SplitGroupKind(kind)
	return kube.Object{ID: kube.ID{Group: group, Kind: kind, Name: "x"}, Fields: fields}
}

func TestMentions(t *testing.T) {
	mentioned, err := provider.Parse("acme", []byte(mentioning))
	if err != nil {
		t.Fatal(err)
	}
	other, err := provider.Parse("other", []byte("kinds: [{kind: ConfigMap}]"))
	if err != nil {
		t.Fatal(err)
	}
	s := provider.NewSet([]provider.Provider{mentioned, other})
	deep := map[string]any{"spec": map[string]any{"containers": []any{map[string]any{"args": []any{"--for=acme-system"}}}}}
	label := map[string]any{"metadata": map[string]any{"labels": map[string]any{"acme": "yes"}}}
	without := map[string]any{"spec": map[string]any{"schedule": "* * * * *", "replicas": int64(1)}}
	tests := map[string]struct {
		obj             kube.Object
		mentions, about bool // about: a rule of acme judges it
	}{
		"in a list":            {object("CronJob.batch", deep), true, true},
		"as a key":             {object("CronJob.batch", label), true, true},
		"nowhere":              {object("CronJob.batch", without), false, false},
		"not in this one":      {object("ConfigMap", without), false, false},
		"a kind read anyway":   {object("EdgeProxy.acme.example", without), false, true},
		"a kind nobody names":  {object("Pod", deep), false, true},
		"no fields at all":     {object("CronJob.batch", nil), false, false},
		"another's, mentioned": {object("ConfigMap", label), true, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := s.Mentions(tt.obj); got != tt.mentions {
				t.Errorf("mentions: got %t", got)
			}
			if got := s.About("acme/rule", tt.obj); got != tt.about {
				t.Errorf("about: got %t", got)
			}
			if !s.About("other/rule", tt.obj) {
				t.Error("a rule of another provider is held back")
			}
		})
	}
	if s.IsRelevant("CronJob.batch") || !s.IsRelevant("ConfigMap") || s.Reads("CronJob.batch") || !s.Mentioned("CronJob.batch") {
		t.Error("a kind is read for its own sake where it is only for what it mentions, or the other way round")
	}
	for text, want := range map[string]int{"kind: CronJob\n# of acme": 2, "kind: CronJob": 0} {
		if got := s.MentionedIn(func(word string) bool { return strings.Contains(text, word) }); len(got) != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestMentionsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`kinds: [{kind: ConfigMap, mentions: [""]}]`:                                                   "kinds[0].mentions",
		`kinds: [{kind: ConfigMap, schedule: {}}]`:                                                     "kinds[0].schedule",
		`kinds: [{kind: A.b.c, references: [{role: a, path: spec.a, kind: Secret, anchors: ca.crt}]}]`: "anchors",
	} {
		if _, err := provider.Parse("acme", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", text, err)
		}
	}
}
