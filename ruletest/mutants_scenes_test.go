package ruletest

// Mistakes in scenes.
var sceneMutants = map[string]mutant{
	"body that no scene hits": {
		missingRule + ":23: no bad scene of acme/client-ca-missing makes these findings",
		[]edit{{missingBad, "name: staff\n  namespace: staff\n", "name: stuff\n  namespace: stuff\n"}},
	},
	"want that is not found": {
		twiceBad + ":10: acme/host-twice is wanted here, and not found",
		[]edit{{twiceBad, "    - shop.test # want acme/host-twice\n---", "    - other.test # want acme/host-twice\n---"}},
	},
	"finding that is not wanted": {
		twiceBad + ":10: acme/host-twice is found here, and not wanted: EdgeProxy other/b serves shop.test too (EdgeProxy shop/a, at spec.hosts[1])",
		[]edit{{twiceBad, " # want acme/host-twice", ""}},
	},
	"finding that is wanted twice": {
		twiceBad + ":10: acme/host-twice is wanted here, and not found",
		[]edit{{twiceBad, "# want acme/host-twice", "# want acme/host-twice acme/host-twice"}},
	},
	"want in the wrong line": {
		twiceBad + ":9: acme/host-twice is wanted here, and found in line 10: EdgeProxy other/b serves shop.test too",
		[]edit{{twiceBad, " # want acme/host-twice", ""}, {twiceBad, "- a.test", "- a.test # want acme/host-twice"}},
	},
	"want of a rule that is not": {
		twiceBad + ":9: there is no rule acme/host-thrice",
		[]edit{{twiceBad, "- a.test", "- a.test # want acme/host-thrice"}},
	},
	"want that is none": {
		twiceBad + ":10: want the line to end in `# want provider/rule`",
		[]edit{{twiceBad, "# want acme/host-twice", "# want host-twice"}},
	},
	"bad scene of another rule": {
		"acme/trust-mode-unset/bad-hosts.yaml:1: no line of this bad scene wants acme/trust-mode-unset",
		[]edit{{"acme/trust-mode-unset/bad-hosts.yaml", "", "# now: 2026-06-01T12:00:00Z\napiVersion: acme.example/v1\nkind: EdgeProxy\nmetadata: {name: a, namespace: shop}\n"}},
	},
	"good scene with a finding": {
		missingGood + ":9: acme/trust-mode-unset is found here, and not wanted",
		[]edit{{missingGood, "    mode: require\n", ""}},
	},
	"good scene that wants one": {
		missingGood + ":10: a good scene wants no finding",
		[]edit{{missingGood, "mode: require", "mode: require # want acme/host-twice"}},
	},
	"no clock": {
		twiceBad + ":1: want a first line like `# now: 2026-01-31T12:00:00Z`",
		[]edit{{twiceBad, "# now: 2026-06-01T12:00:00Z\n", ""}},
	},
	"clock that is none": {
		twiceBad + ":1: now: want a time like 2026-01-31T12:00:00Z, got 2026-06-01",
		[]edit{{twiceBad, "2026-06-01T12:00:00Z", "2026-06-01"}},
	},
	"no bad scene":     {twiceRule + ": no bad*.yaml", []edit{{twiceBad, "", ""}}},
	"no good scene":    {twiceRule + ": no good*.yaml", []edit{{"acme/host-twice/good.yaml", "", ""}}},
	"misspelt scene":   {"acme/host-twice/bda.yaml: nothing reads this file", []edit{{"acme/host-twice/bda.yaml", "", "# now: 2026-06-01T12:00:00Z\n"}}},
	"unreadable scene": {twiceBad + ": line 8: ", []edit{{twiceBad, "  hosts:", "  hosts: ]"}}},
	"config that is none": {
		modeBad + `:15: externals: `,
		[]edit{{modeBad, "external:", "externals:"}},
	},
	"config of an unknown version": {
		modeBad + `:13: apiVersion: want tlsward.dev/v1, got`,
		[]edit{{modeBad, "tlsward.dev/v1", "tlsward.dev/v2"}},
	},
	"config that names no rule": {
		"acme/client-ca-missing/bad-complete.yaml: exemptions[0].rules[0]: no rule acme/host-thrice; did you mean acme/host-twice?",
		[]edit{{"acme/client-ca-missing/bad-complete.yaml", "complete: [edge]", "complete: [edge]\nexemptions:\n  - {rules: [acme/host-thrice], objects: [EdgeProxy shop/b], reason: none at all}"}},
	},
	"rule that only lint can judge by": {
		twiceBad + ": EdgeProxy shop/a: lint finds this, admission does not (as an update): acme/host-twice (warning, warn) at metadata.name: a key stands twice",
		[]edit{
			{twiceRule, "findings contains {", "findings contains {\"path\": defect.path, \"message\": \"a key stands twice\"} if some defect in input.source[\"duplicate-key\"]\n\nfindings contains {"},
			{twiceBad, "  name: a\n", "  name: z\n  name: a # want acme/host-twice\n"},
		},
	},
	"rule that only objects without an API server break": {
		twiceRule + ": no bad scene of it could be stored by an API server",
		[]edit{{twiceBad, "\n---\n", "\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\ndata: {a: 1}\n---\n"}},
	},
}

// Mistakes in fixes.
var fixMutants = map[string]mutant{
	"fixed scene that is not reached": {
		modeFixed + `:12: fixing acme/trust-mode-unset/bad.yaml does not lead here: want "    mode: optional", got "    mode: require"`,
		[]edit{{modeFixed, "mode: require", "mode: optional"}},
	},
	"fix without a fixed scene": {
		modeBad + ": acme/trust-mode-unset can be fixed here, and there is no fixed scene of it",
		[]edit{{modeFixed, "", ""}},
	},
	"fixed scene of nothing": {
		"acme/trust-mode-unset/fixed-other.yaml: there is no bad-other.yaml that it could come from",
		[]edit{{"acme/trust-mode-unset/fixed-other.yaml", "", "# now: 2026-06-01T12:00:00Z\n"}},
	},
	"default whose fix is not safe": {
		modeBad + ":9: acme/trust-mode-unset is a default, and its fix is not safe",
		[]edit{{modeRule, `"safe": true`, `"safe": false`}},
	},
	"default that is never satisfied": {
		modeBad + ": EdgeProxy shop/shop: the webhook's edits lead to more of them: set spec.clientTrust.modus",
		[]edit{
			{modeRule, "\"path\": [\"spec\", \"clientTrust\", \"mode\"],\n\t\t\t\"value\"", "\"path\": [\"spec\", \"clientTrust\", \"modus\"],\n\t\t\t\"value\""},
			{modeFixed, "mode: require", "modus: require"},
		},
	},
	"fixed scene that is still bad": {
		modeFixed + ":9: acme/trust-mode-unset is found here, and not wanted",
		[]edit{
			{modeRule, "\"path\": [\"spec\", \"clientTrust\", \"mode\"],\n\t\t\t\"value\"", "\"path\": [\"spec\", \"clientTrust\", \"modus\"],\n\t\t\t\"value\""},
			{modeFixed, "mode: require", "modus: require"},
		},
	},
	"fix that is not stable": {
		modeFixed + `:12: fixing it once more changes "    mode: rrequire" to "    mode: rrrequire"`,
		[]edit{
			{modeRule, `not input.object.spec.clientTrust.mode`, `not input.object.spec.clientTrust.mode == "optional"`},
			{modeRule, `input.params["acme/trust-mode-unset"].mode`, `concat("", ["r", object.get(input.object.spec.clientTrust, "mode", "require")])`},
			{modeFixed, "mode: require", "mode: rrequire"},
		},
	},
}
