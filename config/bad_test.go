package config

// bad are texts that Parse refuses, with exactly what it says of them. Those marked structural are refused by the JSON
// Schema too; what the others do wrong no schema can see.
var bad = map[string]struct {
	structural bool
	text, want string
}{
	"unknown key":                {true, "profil: strict\n", "f:1: profil: unknown key; did you mean profile?"},
	"unknown key in other case":  {true, "apiversion: tlsward.dev/v1\n", "f:1: apiversion: unknown key; did you mean apiVersion?"},
	"unknown key near none":      {true, "# x\nseverity: high\n", "f:2: severity: unknown key; want one of apiVersion, kind, profile, actions, parameters, complete, external, controllers, roots, exemptions, rulebooks"},
	"unknown key of an action":   {true, "actions:\n- rules: ['*']\n  action: off\n  namespace: [a]\n", "f:4: actions[0].namespace: unknown key; did you mean namespaces?"},
	"unknown key of controllers": {true, "controllers:\n  class: {}\n", "f:2: controllers.class: unknown key; did you mean classes?"},
	"unknown key of an external": {true, "external:\n- {kind: Secret, name: a, key: [b]}\n", "f:2: external[0].key: unknown key; did you mean keys?"},
	"duplicate key":              {false, "profile: strict\ncomplete: []\nprofile: default\n", "f:3: profile: want it once, got it on line 1 too"},
	"duplicate free key":         {false, "controllers:\n  classes:\n    a: b\n    a: c\n", "f:4: controllers.classes.a: want it once, got it on line 3 too"},
	"duplicate key in a value":   {false, "parameters: {a/b: {c: {d: 1,\n d: 2}}}\n", "f:2: parameters[\"a/b\"].c.d: want it once, got it on line 1 too"},
	"second document":            {false, "profile: strict\n---\nprofile: default\n", "f:2: config: want one document, got a second one"},
	"empty second document":      {false, "profile: strict\n---\n", "f:2: config: want one document, got a second one"},
	"broken second document":     {false, "profile: strict\n---\n[\n", "f:3: config: want YAML: did not find expected node content while parsing a flow node"},

	"a list":              {true, "- a\n", "f:1: config: want a mapping, got a list"},
	"a string":            {true, "strict\n", "f:1: config: want a mapping, got the string strict"},
	"not YAML":            {false, "a: [\n", "f:1: config: want YAML: did not find expected node content while parsing a flow node"},
	"a tab":               {false, "actions:\n\t- a\n", "f:2: config: want YAML: found character that cannot start any token while scanning for the next token"},
	"not UTF-8":           {false, "a: b\nc: \xff\n", "f:2: config: want UTF-8 text without control characters, got byte 0xff"},
	"a control character": {false, "\n\na: \x00\n", "f:3: config: want UTF-8 text without control characters, got byte 0x00"},
	"unknown anchor":      {false, "\nprofile: *x\n", "f:2: config: want YAML: unknown anchor 'x' referenced"},
	"an alias":            {false, "complete: &a [b]\nroots: *a\n", "f:2: roots: want the value itself, got the alias *a"},
	"an alias in a value": {false, "parameters: {a/b: {c: &a [1], d: *a}}\n", "f:1: parameters[\"a/b\"].d: want the value itself, got the alias *a"},
	"an alias for a key":  {false, "complete: [&a b]\ncontrollers: {classes: {*a : c}}\n", "f:2: controllers.classes: want a string for a key, got the alias *a"},
	"an alias of itself":  {false, "complete: &a [*a]\n", "f:1: complete[0]: want the value itself, got the alias *a"},
	"a merge key":         {false, "<<: {profile: strict}\n", "f:1: config: want a string for a key, got the merge key <<"},
	"a tag":               {false, "profile: !mine strict\n", "f:1: profile: want a plain value, got one with the tag !mine"},
	"a tagged list":       {false, "complete: !!omap [a: b]\n", "f:1: complete: want a list, got a list"},
	"a number for a key":  {false, "1: 2\n", "f:1: config: want a string for a key, got the number 1"},
	"a list for a key":    {false, "? [a]\n: b\n", "f:1: config: want a string for a key, got a list"},
	"several, in order": {true, "complete: a\nprofile: strikt\nactions:\n- action: denied\n  rules: [x]\n- {}\n", `
f:1: complete: want a list, got the string a; write [a]
f:2: profile: want default or strict, got strikt; did you mean strict?
f:4: actions[0].action: want deny, warn, note or off, got denied
f:5: actions[0].rules[0]: glob "x" matches no rule: a rule id is provider/rule, so want provider/rule, provider/*, */rule or *
f:6: actions[1].rules: want it, got nothing
f:6: actions[1].action: want it, got nothing
`},

	"apiVersion":             {true, "apiVersion: v1\n", "f:1: apiVersion: want tlsward.dev/v1, got v1"},
	"kind":                   {true, "kind: config\n", "f:1: kind: want Config, got config"},
	"kind is no string":      {true, "kind: 1\n", "f:1: kind: want a string, got the number 1; quote it"},
	"profile":                {true, "profile: paranoid\n", "f:1: profile: want default or strict, got paranoid"},
	"no profile":             {true, "profile:\n", "f:1: profile: want a string, got nothing"},
	"profile of a list":      {true, "profile: [strict]\n", "f:1: profile: want a string, got a list"},
	"empty profile":          {true, "profile: ''\n", "f:1: profile: want some text, got an empty string"},
	"a very long profile":    {true, "profile: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", "f:1: profile: want default or strict, got aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..."},
	"a profile of two lines": {true, "profile: \"a\\nb\"\n", "f:1: profile: want default or strict, got a b"},

	"no actions":               {true, "actions:\n", "f:1: actions: want a list, got nothing"},
	"actions of a mapping":     {true, "actions: {}\n", "f:1: actions: want a list, got a mapping"},
	"an action of a string":    {true, "actions:\n- off\n", "f:2: actions[0]: want a mapping, got the string off"},
	"no action":                {true, "actions:\n- rules: ['*']\n", "f:2: actions[0].action: want it, got nothing"},
	"no rules":                 {true, "actions:\n- action: off\n  rules: []\n", "f:3: actions[0].rules: want at least one, got an empty list"},
	"rules of a string":        {true, "actions:\n- action: off\n  rules: a/*\n", "f:3: actions[0].rules: want a list, got the string a/*; write [a/*]"},
	"a rule without provider":  {true, "actions:\n- action: off\n  rules: [\n  verify-*]\n", "f:4: actions[0].rules[0]: glob \"verify-*\" matches no rule: a rule id is provider/rule, so want provider/rule, provider/*, */rule or *"},
	"a malformed glob":         {false, "actions:\n- action: off\n  rules: ['a/[']\n", "f:3: actions[0].rules[0]: glob \"a/[\" is malformed: want an end to its [ or \\"},
	"a boolean for an action":  {true, "actions:\n- action: false\n  rules: ['*']\n", "f:2: actions[0].action: want a string, got the boolean false; quote it"},
	"no namespaces":            {true, "actions:\n- action: off\n  rules: ['*']\n  namespaces: []\n", "f:4: actions[0].namespaces: want at least one, got an empty list"},
	"namespaces of nothing":    {true, "actions:\n- action: off\n  rules: ['*']\n  namespaces: ['']\n", "f:4: actions[0].namespaces[0]: want some text, got an empty string"},
	"a namespace with a slash": {true, "actions:\n- action: off\n  rules: ['*']\n  namespaces: [a/b]\n", "f:4: actions[0].namespaces[0]: glob \"a/b\" matches no namespace: its name holds neither slash nor space"},

	"parameters of a list":     {true, "parameters: []\n", "f:1: parameters: want a mapping, got a list"},
	"parameters of all rules":  {true, "parameters:\n  '*': {}\n", "f:2: parameters[\"*\"]: want the id of one rule, as in gateway-api/backend-ca-missing, got *"},
	"parameters of a provider": {true, "parameters:\n  a/*: {}\n", "f:2: parameters[\"a/*\"]: want the id of one rule, as in gateway-api/backend-ca-missing, got a/*"},
	"parameters without rule":  {true, "parameters:\n  days: 3\n", "f:2: parameters.days: want the id of one rule, as in gateway-api/backend-ca-missing, got days\nf:2: parameters.days: want a mapping, got the number 3"},
	"a parameter without name": {true, "parameters:\n  a/b: {'': 1}\n", "f:2: parameters[\"a/b\"][\"\"]: want some text, got an empty string"},
	"a parameter of infinity":  {false, "parameters:\n  a/b: {c: [.inf, .nan]}\n", "f:2: parameters[\"a/b\"].c[0]: want what JSON can say, got the number .inf\nf:2: parameters[\"a/b\"].c[1]: want what JSON can say, got the number .nan"},
	"a parameter too large":    {false, "parameters:\n  a/b: {c: 18446744073709551615}\n", "f:2: parameters[\"a/b\"].c: want what JSON can say, got the number 18446744073709551615"},
	"a parameter of bytes":     {false, "parameters:\n  a/b: {c: !!binary aGk=}\n", "f:2: parameters[\"a/b\"].c: want what JSON can say, got a value with the tag !!binary"},
	"a parameter that lies":    {false, "parameters:\n  a/b: {c: !!int x}\n", "f:2: parameters[\"a/b\"].c: want what JSON can say, got the number x"},

	"complete":                  {true, "complete: [true]\n", "f:1: complete[0]: want a string, got the boolean true; quote it"},
	"complete of a date":        {false, "complete: [2027-01-31]\n", "f:1: complete[0]: want a string, got the date 2027-01-31; quote it"},
	"complete with a malformed": {false, "complete: ['[']\n", "f:1: complete[0]: glob \"[\" is malformed: want an end to its [ or \\"},

	"external of a number":       {true, "external: [1]\n", "f:1: external[0]: want \"Kind namespace/name\" or a mapping, got the number 1"},
	"external of a list":         {true, "external: [[a]]\n", "f:1: external[0]: want a mapping, got a list"},
	"external without kind":      {true, "external: [shop/ca]\n", "f:1: external[0]: glob \"shop/ca\" matches no object: want \"Kind namespace/name\", \"Kind name\" or *"},
	"external of everything":     {true, "external: ['*']\n", "f:1: external[0]: want one kind, as in Secret or Gateway.gateway.networking.k8s.io, got *"},
	"external of every kind":     {true, "external: ['* shop/ca']\n", "f:1: external[0]: want one kind, as in Secret or Gateway.gateway.networking.k8s.io, got *"},
	"external in lower case":     {true, "external: [secret shop/ca]\n", "f:1: external[0]: want one kind, as in Secret or Gateway.gateway.networking.k8s.io, got secret"},
	"external without namespace": {true, "external: [Secret /ca]\n", "f:1: external[0]: glob \"Secret /ca\" lacks a namespace: write unset/ for objects that have none"},
	"external mapping": {true, "external:\n- {kind: '*', namespace: a/b, name: 'c d', keys: ['']}\n- namespace: a\n", `
f:2: external[0].kind: want one kind, as in Secret or Gateway.gateway.networking.k8s.io, got *
f:2: external[0].namespace: glob "a/b" matches no namespace: its name holds neither slash nor space
f:2: external[0].name: want a name or a glob of names, got c d
f:2: external[0].keys[0]: want some text, got an empty string
f:3: external[1].kind: want it, got nothing
f:3: external[1].name: want it, got nothing
`},
	"external with a malformed glob": {false, "external: ['Secret shop/[', {kind: Secret, name: '['}]\n", `
f:1: external[0]: glob "[" is malformed: want an end to its [ or \
f:1: external[1].name: glob "[" is malformed: want an end to its [ or \
`},

	"controllers":              {true, "controllers: [a]\n", "f:1: controllers: want a mapping, got a list"},
	"only none":                {true, "controllers: {only: []}\n", "f:1: controllers.only: want at least one, got an empty list"},
	"a class of no controller": {true, "controllers:\n  classes:\n    a:\n", "f:3: controllers.classes.a: want a string, got nothing"},

	"absolute root":   {true, "roots: [/srv]\n", "f:1: roots[0]: want a directory relative to this file, got /srv"},
	"root above":      {true, "roots: [../a]\n", "f:1: roots[0]: want a directory below this file, got ../a"},
	"root out of it":  {false, "roots: [a/../../b]\n", "f:1: roots[0]: want a directory below this file, got a/../../b"},
	"two stars":       {true, "roots: [clusters/**]\n", "f:1: roots[0]: want one * for each level of directories, got ** in clusters/**"},
	"malformed root":  {false, "roots: ['a[']\n", "f:1: roots[0]: glob \"a[\" is malformed: want an end to its [ or \\"},
	"absolute rules":  {true, "rulebooks: [/srv]\n", "f:1: rulebooks[0]: want a directory relative to this file, got /srv"},
	"a URL for rules": {true, "rulebooks: ['https://x/y']\n", "f:1: rulebooks[0]: want a directory relative to this file, got https://x/y"},

	"no reason":          {true, "exemptions:\n- rules: ['*']\n  objects: ['*']\n", "f:2: exemptions[0].reason: want it, got nothing"},
	"empty reason":       {true, "exemptions:\n- {rules: ['*'], objects: ['*'], reason: ''}\n", "f:2: exemptions[0].reason: want some text, got an empty string"},
	"blank reason":       {true, "exemptions:\n- {rules: ['*'], objects: ['*'], reason: ' '}\n", "f:2: exemptions[0].reason: want a reason, got blanks"},
	"no objects":         {true, "exemptions:\n- {rules: ['*'], reason: x, objects: []}\n", "f:2: exemptions[0].objects: want at least one, got an empty list"},
	"an object of slash": {true, "exemptions:\n- {rules: ['*'], reason: x, objects: [shop/api]}\n", "f:2: exemptions[0].objects[0]: glob \"shop/api\" matches no object: want \"Kind namespace/name\", \"Kind name\" or *"},
	"a day of none":      {false, "exemptions:\n- {rules: ['*'], objects: ['*'], reason: x, until: 2027-02-30}\n", "f:2: exemptions[0].until: want a date such as 2027-01-31 or a time such as 2027-01-31T18:00:00Z, got the string 2027-02-30"},
	"a day in words":     {true, "exemptions:\n- {rules: ['*'], objects: ['*'], reason: x, until: tomorrow}\n", "f:2: exemptions[0].until: want a date such as 2027-01-31 or a time such as 2027-01-31T18:00:00Z, got the string tomorrow"},
	"a short hour":       {true, "exemptions:\n- {rules: ['*'], objects: ['*'], reason: x, until: 2027-01-31T1:00:00Z}\n", "f:2: exemptions[0].until: want a date such as 2027-01-31 or a time such as 2027-01-31T18:00:00Z, got the date 2027-01-31T1:00:00Z"},
	"a year for a day":   {true, "exemptions:\n- {rules: ['*'], objects: ['*'], reason: x, until: 2027}\n", "f:2: exemptions[0].until: want a date such as 2027-01-31 or a time such as 2027-01-31T18:00:00Z, got the number 2027"},
}
