package ruletest

// Mistakes in what a rule says and in how it is written.
var ruleMutants = map[string]mutant{
	"misspelt word": {
		missingRule + `:19: ref.presence is never "absnt": want "unknown", "absent", "promised" or "present"; did you mean "absent"?`,
		[]edit{{missingRule, `ref.presence == "absent"`, `ref.presence == "absnt"`}},
	},
	"misspelt word on the left": {
		missingRule + `:19: ref.presence is never "Absent"`,
		[]edit{{missingRule, `ref.presence == "absent"`, `"Absent" == ref.presence`}},
	},
	"misspelt word that is excluded": {
		missingRule + `:19: ref.presence is never "absnt"`,
		[]edit{{missingRule, `ref.presence == "absent"`, `ref.presence != "absnt"`}},
	},
	"misspelt word in a negation": {
		missingRule + `:19: ref.presence is never "absnt"`,
		[]edit{{missingRule, `ref.presence == "absent"`, `not ref.presence == "absnt"`}},
	},
	"misspelt word behind a variable": {
		missingRule + `:20: presence is never "absnt"`,
		[]edit{{missingRule, `ref.presence == "absent"`, "presence := ref.presence\n\tpresence == \"absnt\""}},
	},
	"misspelt word in a set": {
		missingRule + `:34: ref.grant is never "grantd"`,
		[]edit{{missingRule, `"granted"}`, `"grantd"}`}},
	},
	"misspelt word in a list": {
		missingRule + `:34: ref.grant is never "grantd"`,
		[]edit{{missingRule, `{"not-needed", "granted"}`, `["not-needed", "grantd"]`}},
	},
	"misspelt word in a constant": {
		missingRule + `:36: ref.grant is never "grantd"`,
		[]edit{{missingRule, `in {"not-needed", "granted"}`, "in _grants\n\n_grants := {\"not-needed\", \"grantd\"}"}},
	},
	"misspelt word in a comprehension": {
		missingRule + `:19: {r.presence | some r in input.refs["edge-client-ca"]} is never "absnt"`,
		[]edit{{missingRule, `ref.presence == "absent"`, `"absnt" in {r.presence | some r in input.refs["edge-client-ca"]}`}},
	},
	"misspelt word as a key": {
		missingRule + `:32: ref.evidence is never "nearmiss"`,
		[]edit{{missingRule, `"near-miss": "error"`, `"nearmiss": "error"`}},
	},
	"misspelt word as a key with a default": {
		missingRule + `:32: ref.evidence is never "sibling"`,
		[]edit{
			{missingRule, `_severity[ref.evidence]`, `object.get(_severity, ref.evidence, "error")`},
			{missingRule, `"siblings": "warning"`, `"sibling": "warning"`},
		},
	},
	"misspelt word in a clause": {
		missingRule + `:34: ref.grant is never "grantd"`,
		[]edit{
			{missingRule, `_judged(ref)`, `_judged(ref.grant)`},
			{missingRule, `_judged(ref) if ref.grant in {"not-needed", "granted"}`, "_judged(\"grantd\")\n\n_judged(\"not-needed\")"},
		},
	},
	"misspelt word in the library": {
		library + `:9: ref.key_presence is never "missing"`,
		[]edit{{library, `ref.key_presence == "absent"`, `ref.key_presence == "missing"`}},
	},
	"misspelt word where nothing calls": {
		library + `:11: x.presence is never "missing"`,
		[]edit{{library, `if ref.key_presence == "absent"`, "if ref.key_presence == \"absent\"\n\ngone(x) if x.presence == \"missing\""}},
	},
	"misspelt field of the input": {
		missingRule + `:18: rego_type_error: undefined ref: input.refz`,
		[]edit{{missingRule, `input.refs["edge-client-ca"]`, `input.refz["edge-client-ca"]`}},
	},
	"misspelt field of a reference": {
		missingRule + `:19: rego_type_error: undefined ref: `,
		[]edit{{missingRule, `ref.presence`, `ref.presense`}},
	},
	"misspelt field in a helper": {
		missingRule + `:34: ref.grnat: the facts have no "grnat" there`,
		[]edit{{missingRule, `ref.grant`, `ref.grnat`}},
	},
	"misspelt field in the library": {
		library + `:9: ref.keypresence: the facts have no "keypresence" there`,
		[]edit{{library, `ref.key_presence`, `ref.keypresence`}},
	},
	"misspelt role": {
		missingRule + `:18: rego_type_error: undefined ref: input.refs["edge-clients-ca"]`,
		[]edit{{missingRule, `input.refs["edge-client-ca"]`, `input.refs["edge-clients-ca"]`}},
	},
	"misspelt peers": {
		twiceRule + `:22: rego_type_error: undefined ref: input.peers.hosts`,
		[]edit{{twiceRule, `input.peers["edge-host"]`, `input.peers.hosts`}},
	},
	"unused variable": {
		missingRule + `:20: rego_compile_error: assigned var unused unused`,
		[]edit{{missingRule, `ref.presence == "absent"`, "ref.presence == \"absent\"\n\tunused := 1"}},
	},
	"not formatted": {
		twiceRule + ":22: not in canonical form from here on: `tlsward test --write` mends it",
		[]edit{{twiceRule, `some peer in input`, `some  peer in input`}},
	},
	"test not formatted": {
		twiceTest + ":5: not in canonical form",
		[]edit{{twiceTest, `test_twice if {`, `test_twice   if {`}},
	},
	"no Rego": {
		twiceRule + ":21: rego_parse_error",
		[]edit{{twiceRule, `} if {`, `} iff {`}},
	},
	"asks the clock":   {twiceRule + ":23: rego_type_error: undefined function time.now_ns", []edit{call(`time.now_ns() > 0`)}},
	"throws dice":      {twiceRule + ":23: rego_type_error: undefined function rand.intn", []edit{call(`rand.intn("x", 2) == 1`)}},
	"asks the network": {twiceRule + ":23: rego_type_error: undefined function http.send", []edit{call(`http.send({"url": "http://a.test", "method": "get"}).status_code == 200`)}},
	"asks the clock in passing": {
		twiceRule + ":23: rego_type_error: undefined function crypto.x509.parse_and_verify_certificates",
		[]edit{call(`crypto.x509.parse_and_verify_certificates(peer.name)[0]`)},
	},
	"package of another rule": {
		twiceRule + `: package policies.acme["client-ca-missing"], want policies.acme["host-twice"]`,
		[]edit{{twiceRule, `package policies.acme["host-twice"]`, `package policies.acme["client-ca-missing"]`}},
	},
	"no severity":      {twiceRule + ": metadata: custom.severity: missing", []edit{{twiceRule, "#   severity: warning\n", ""}}},
	"no since":         {twiceRule + ": metadata: custom.since: missing", []edit{{twiceRule, "#   since: v1.0.0\n", ""}}},
	"no title":         {twiceRule + ": metadata: no title", []edit{{twiceRule, "# title: Two edge proxies for one host\n", ""}}},
	"no kinds":         {twiceRule + ": metadata: no kinds", []edit{{twiceRule, "#   kinds: [EdgeProxy.acme.example]\n", ""}}},
	"unknown metadata": {twiceRule + ": metadata: custom.severty: unknown key", []edit{{twiceRule, "#   severity: warning", "#   severity: warning\n#   severty: error"}}},
	"unknown severity": {twiceRule + `: metadata: severity "fatal": want one of`, []edit{{twiceRule, "severity: warning", "severity: fatal"}}},
	"no findings":      {twiceRule + `:10: findings: want`, []edit{{twiceRule, "findings contains {", "findings := {"}}},
	"unknown key in a finding": {
		`acme/host-twice/bad.yaml: line 2: not judged: EdgeProxy shop/a: rule acme/host-twice: finding: massage: unknown key`,
		[]edit{{twiceRule, `"message": sprintf`, `"massage": sprintf`}},
	},
	"folder without a rule": {
		"acme/host-thrice: no rule.rego in this folder",
		[]edit{{"acme/host-thrice/rules.rego", "", "package policies.acme[\"host-thrice\"]\n"}},
	},
	"provider that is not read": {
		"acme/providers.yaml: nothing reads this file",
		[]edit{{"acme/providers.yaml", "", "title: Acme\n"}},
	},
	"provider with an unknown key": {
		"acme/provider.yaml: yaml: ",
		[]edit{{"acme/provider.yaml", "use: trust", "purpose: trust"}},
	},
}

func call(expression string) edit {
	return edit{twiceRule, `some peer in input.peers["edge-host"]`, "some peer in input.peers[\"edge-host\"]\n\t" + expression}
}

// Mistakes in Rego tests.
var testMutants = map[string]mutant{
	"misspelt word in a mock": {
		missingTest + `:21: mocked input: input.refs.edge-client-ca[0].key_presence is never "absnt": want "unknown", "absent"`,
		[]edit{{missingTest, `"key_presence": "absent"`, `"key_presence": "absnt"`}},
	},
	"misspelt field in a mock": {
		missingTest + `:26: mocked input: input.refs.edge-client-ca[0]: the facts have no "presense" there`,
		[]edit{{missingTest, `ref({"presence": "present", "key_presence": "present"})`, `ref({"presense": "present", "key_presence": "present"})`}},
	},
	"misspelt field in a mock by parts": {
		missingTest + `:11: mocked input: input: the facts have no "refz" there`,
		[]edit{{missingTest, `with input.refs as`, `with input.refz as`}},
	},
	"misspelt role in a mock": {
		missingTest + `:26: mocked input: input.refs: the facts have no "edge-clients-ca" there`,
		[]edit{{missingTest, `count(rule.findings) == 0 with input as {"refs": {"edge-client-ca"`, `count(rule.findings) == 0 with input as {"refs": {"edge-clients-ca"`}},
	},
	"wrong type in a mock": {
		twiceTest + `:6: mocked input: input.peers.edge-host[0].name: want string, got number`,
		[]edit{{twiceTest, `"name": "b"`, `"name": 2`}},
	},
	"set in a mock": {
		missingTest + `:26: mocked input: {"ca.crt"} is a set`,
		[]edit{{missingTest, `"key_presence": "present"`, `"key_presence": "present", "keys": {"ca.crt"}`}},
	},
	"unknown rule in mocked parameters": {
		`acme/trust-mode-unset/rule_test.rego:11: mocked input: input.params: the facts have no "acme/trust-mode" there`,
		[]edit{{"acme/trust-mode-unset/rule_test.rego", `"acme/trust-mode-unset": {`, `"acme/trust-mode": {`}},
	},
	"line that no test reaches": {
		missingRule + `:23: no Rego test reaches this line`,
		[]edit{{missingTest, "test_no_key", "no_key"}},
	},
	"library line that no test reaches": {
		library + `:11: no Rego test reaches this line`,
		[]edit{{library, `if ref.key_presence == "absent"`, "if ref.key_presence == \"absent\"\n\nlack(ref) := \"is empty\" if ref.content.empty"}},
	},
	"no test": {
		twiceRule + ": no Rego test of it: want acme/host-twice/rule_test.rego",
		[]edit{{twiceTest, "", ""}},
	},
	"no test that runs": {
		twiceRule + ": no Rego test of it",
		[]edit{{twiceTest, "test_twice", "tset_twice"}},
	},
	"test that fails": {
		twiceTest + ":5: test_twice: fails",
		[]edit{{twiceTest, `"EdgeProxy edge/b serves a.test too"`, `"EdgeProxy edge/b serves b.test too"`}},
	},
	"case that fails": {
		missingTest + ":9: test_absent: case complete fails",
		[]edit{{missingTest, `"complete": "error"`, `"complete": "info"`}},
	},
	"test that is skipped": {
		twiceTest + ":5: todo_test_twice: skipped",
		[]edit{{twiceTest, "test_twice", "todo_test_twice"}},
	},
	"test in another package": {
		twiceTest + `: package policies.acme["client-ca-missing"], want policies.acme["host-twice_test"] or policies.acme["host-twice"]`,
		[]edit{{twiceTest, `package policies.acme["host-twice_test"]`, `package policies.acme["client-ca-missing"]`}},
	},
	"two tests of one name": {
		missingTest + ":25: test_absent: the test at acme/client-ca-missing/rule_test.rego:9 has that name too",
		[]edit{{missingTest, "test_present", "test_absent"}},
	},
	"two tests of one name in the library": {
		"lib/acme_test.rego:11: test_lack: the test at lib/acme_test.rego:5 has that name too",
		[]edit{{"lib/acme_test.rego", "unknown\"})\n}\n", "unknown\"})\n}\n\ntest_lack[name] if some name in [\"a\"]\n"}},
	},
	"two tests of one name in two files": {
		"acme/host-twice/their_test.rego:3: test_twice: the test at acme/host-twice/rule_test.rego:5 has that name too",
		[]edit{{"acme/host-twice/their_test.rego", "", "package policies.acme[\"host-twice_test\"]\n\ntest_twice := true\n"}},
	},
	"test that asks the clock": {
		twiceTest + ":6: rego_type_error: undefined function time.now_ns",
		[]edit{{twiceTest, "test_twice if {", "test_twice if {\n\ttime.now_ns() > 0"}},
	},
}
