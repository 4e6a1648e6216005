package config

// bad are texts that Parse refuses, with exactly what it says of them. Those marked structural are refused by the JSON
// Schema too; what the others do wrong no schema can see.
var bad = map[string]struct {
	structural bool
	text, want string
}{
	"unknown key":                {true, "profil: strict\n", "f:1: profil: unknown key; did you mean profile?"},
	"unknown key in other case":  {true, "apiversion: tlsward.dev/v1\n", "f:1: apiversion: unknown key; did you mean apiVersion?"},
	"unknown key near none":      {true, "# x\nseverity: high\n", "f:2: severity: unknown key; want one of apiVersion, kind, extends, locked, profile, actions, parameters, complete, external, controllers, exemptions, annotationExemptions, rulebook, rulebooks, schemas, admission, roots, environments, clusters"},
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
	"a string":            {true, "strict\n", "f:1: config: want a mapping, got a text"},
	"not YAML":            {false, "a: [\n", "f:1: config: want YAML: did not find expected node content while parsing a flow node"},
	"a tab":               {false, "actions:\n\t- a\n", "f:2: config: want YAML: found a tab where indentation must be spaces"},
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
f:2: profile: want default, strict or migration, got strikt; did you mean strict?
f:4: actions[0].action: want deny, warn, note or off, got denied
f:5: actions[0].rules[0]: glob "x" matches no rule: a rule id is provider/rule, so want provider/rule, provider/*, */rule or *
f:6: actions[1].rules: want it, got nothing
f:6: actions[1].action: want it, got nothing
`},

	"environment of no name":    {true, "environments:\n- {paths: [a]}\n", "f:2: environments[0].name: want it, got nothing"},
	"environment of odd name":   {true, "environments:\n- {name: 'a b', paths: [a]}\n", "f:2: environments[0].name: want a name such as prod or eu-west.staging, got a b"},
	"environment of no paths":   {true, "environments:\n- {name: a, paths: []}\n", "f:2: environments[0].paths: want at least one, got an empty list"},
	"environment elsewhere":     {true, "environments:\n- {name: a, paths: [../a]}\n", "f:2: environments[0].paths[0]: want a directory below this file, got ../a"},
	"two environments":          {false, "environments:\n- {name: a, paths: [a]}\n- {name: a, paths: [b]}\n", "f:3: environments[1].name: want each name once, got a on line 2 too"},
	"environment's controllers": {true, "environments:\n- {name: a, paths: [a], controllers: {only: []}}\n", "f:2: environments[0].controllers.only: want at least one, got an empty list"},

	"apiVersion":             {true, "apiVersion: v1\n", "f:1: apiVersion: want tlsward.dev/v1, got v1"},
	"kind":                   {true, "kind: config\n", "f:1: kind: want Config, got config"},
	"kind is no string":      {true, "kind: 1\n", "f:1: kind: want a string, got the number 1; quote it"},
	"profile":                {true, "profile: paranoid\n", "f:1: profile: want default, strict or migration, got paranoid"},
	"no profile":             {true, "profile:\n", "f:1: profile: want a string, got nothing"},
	"profile of a list":      {true, "profile: [strict]\n", "f:1: profile: want a string, got a list"},
	"empty profile":          {true, "profile: ''\n", "f:1: profile: want some text, got an empty string"},
	"a very long profile":    {true, "profile: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", "f:1: profile: want default, strict or migration, got aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..."},
	"a profile of two lines": {true, "profile: \"a\\nb\"\n", "f:1: profile: want default, strict or migration, got a b"},

	"no actions":               {true, "actions:\n", "f:1: actions: want a list, got nothing"},
	"actions of a mapping":     {true, "actions: {}\n", "f:1: actions: want a list, got a mapping"},
	"an action of a string":    {true, "actions:\n- off\n", "f:2: actions[0]: want a mapping, got the string off"},
	"no action":                {true, "actions:\n- rules: ['*']\n", "f:2: actions[0].action: want it, got nothing"},
	"no rules":                 {true, "actions:\n- action: off\n  rules: []\n", "f:3: actions[0].rules: want at least one, got an empty list"},
	"rules of a string":        {true, "actions:\n- action: off\n  rules: a/*\n", "f:3: actions[0].rules: want a list, got the string a/*; write [a/*]"},
	"a rule without provider":  {true, "actions:\n- action: off\n  rules: [\n  verify-*]\n", "f:4: actions[0].rules[0]: glob \"verify-*\" matches no rule: a rule id is provider/rule, so want provider/rule, provider/*, */rule or *"},
	"a malformed glob":         {false, "actions:\n- action: off\n  rules: ['a/[']\n", "f:3: actions[0].rules[0]: glob \"a/[\" is malformed: want an end to its [ or \\"},
	"a boolean for an action":  {true, "actions:\n- action: false\n  rules: ['*']\n", "f:2: actions[0].action: want deny, warn, note or off, got the boolean false, which YAML 1.1 makes of an unquoted off; write \"off\""},
	"true for an action":       {true, "actions:\n- action: true\n  rules: ['*']\n", "f:2: actions[0].action: want a string, got the boolean true; quote it"},
	"no namespaces":            {true, "actions:\n- action: off\n  rules: ['*']\n  namespaces: []\n", "f:4: actions[0].namespaces: want at least one, got an empty list"},
	"namespaces of nothing":    {true, "actions:\n- action: off\n  rules: ['*']\n  namespaces: ['']\n", "f:4: actions[0].namespaces[0]: want some text, got an empty string"},
	"a namespace with a slash": {true, "actions:\n- action: off\n  rules: ['*']\n  namespaces: [a/b]\n", "f:4: actions[0].namespaces[0]: glob \"a/b\" matches no namespace: its name holds neither slash nor space"},

	"enforceFrom in words":          {true, "actions:\n- {rules: ['*'], action: deny, enforceFrom: soon}\n", "f:2: actions[0].enforceFrom: want a date such as 2027-01-31 or a time such as 2027-01-31T18:00:00Z, got the string soon"},
	"enforceFrom of a day of none":  {false, "actions:\n- {rules: ['*'], action: deny, enforceFrom: 2027-02-30}\n", "f:2: actions[0].enforceFrom: want a date such as 2027-01-31 or a time such as 2027-01-31T18:00:00Z, got the string 2027-02-30"},
	"enforceFrom without time zone": {true, "actions:\n- {rules: ['*'], action: deny, enforceFrom: 2027-01-15T18:00:00}\n", "f:2: actions[0].enforceFrom: want a date such as 2027-01-31 or a time such as 2027-01-31T18:00:00Z, got the string 2027-01-15T18:00:00"},
	"enforceFrom of nothing":        {true, "actions:\n- {rules: ['*'], action: deny, enforceFrom: }\n", "f:2: actions[0].enforceFrom: want a date such as 2027-01-31 or a time such as 2027-01-31T18:00:00Z, got nothing"},
	"enforceFrom of a list":         {true, "actions:\n- {rules: ['*'], action: deny, enforceFrom: [2027-01-15]}\n", "f:2: actions[0].enforceFrom: want a date such as 2027-01-31 or a time such as 2027-01-31T18:00:00Z, got a list"},
	"enforceFrom with warn":         {true, "actions:\n- rules: ['*']\n  action: warn\n  enforceFrom: 2027-01-15\n", "f:4: actions[0].enforceFrom: want it beside action: deny only, got it beside action: warn"},
	"enforceFrom before off":        {true, "actions:\n- enforceFrom: 2027-01-15\n  action: off\n  rules: ['*']\n", "f:2: actions[0].enforceFrom: want it beside action: deny only, got it beside action: off"},
	"enforceFrom with no action":    {true, "actions:\n- enforceFrom: 2027-01-15\n  rules: ['*']\n", "f:2: actions[0].action: want it, got nothing"},
	"enforceFrom with a near deny":  {true, "actions:\n- enforceFrom: 2027-01-15\n  rules: ['*']\n  action: Deny\n", "f:4: actions[0].action: want deny, warn, note or off, got Deny; did you mean deny?"},
	"enforceFrom wrong and with note": {true, "actions:\n- rules: ['*']\n  action: note\n  enforceFrom: 2027\n", `
f:4: actions[0].enforceFrom: want a date such as 2027-01-31 or a time such as 2027-01-31T18:00:00Z, got the number 2027
f:4: actions[0].enforceFrom: want it beside action: deny only, got it beside action: note
`},
	"enforceFrom twice":    {false, "actions:\n- rules: ['*']\n  action: deny\n  enforceFrom: 2027-01-15\n  enforceFrom: 2027-01-16\n", "f:5: actions[0].enforceFrom: want it once, got it on line 4 too"},
	"enforceFrom misspelt": {true, "actions:\n- rules: ['*']\n  action: deny\n  enforcefrom: 2027-01-15\n", "f:4: actions[0].enforcefrom: unknown key; did you mean enforceFrom?"},
	"an action of a list":  {true, "actions:\n- [deny]\n", "f:2: actions[0]: want a mapping, got a list"},

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

	"absolute root":          {true, "roots: [/srv]\n", "f:1: roots[0]: want a directory relative to this file, got /srv"},
	"root above":             {true, "roots: [../a]\n", "f:1: roots[0]: want a directory below this file, got ../a"},
	"root out of it":         {false, "roots: [a/../../b]\n", "f:1: roots[0]: want a directory below this file, got a/../../b"},
	"two stars":              {true, "roots: [clusters/**]\n", "f:1: roots[0]: want one * for each level of directories, got ** in clusters/**"},
	"malformed root":         {false, "roots: ['a[']\n", "f:1: roots[0]: glob \"a[\" is malformed: want an end to its [ or \\"},
	"version with a patch":   {true, "rulebook: v0.1.2\n", "f:1: rulebook: want a version such as v0.1, got v0.1.2; did you mean v0.1? A patch release denies nothing more"},
	"version without v":      {true, "rulebook: '0.1'\n", "f:1: rulebook: want a version such as v0.1, got 0.1; did you mean v0.1?"},
	"number for a version":   {true, "rulebook: 0.1\n", "f:1: rulebook: want a string, got the number 0.1; quote it"},
	"no version":             {true, "rulebook: latest\n", "f:1: rulebook: want a version such as v0.1, got latest"},
	"version zero":           {true, "rulebook: v0.0\n", "f:1: rulebook: want a version such as v0.1, got v0.0"},
	"version with zeros":     {true, "rulebook: v0.01\n", "f:1: rulebook: want a version such as v0.1, got v0.01"},
	"version of rules":       {true, "rulebooks:\n  - path: acme\n    version: newest\n", "f:3: rulebooks[0].version: want a version such as v0.1, got newest"},
	"rules without path":     {true, "rulebooks:\n  - version: v1.0\n", "f:2: rulebooks[0].path: want it, got nothing"},
	"extends text":           {true, "extends: base.yaml\n", "f:1: extends: want a list, got the string base.yaml; write [base.yaml]"},
	"extends absolute":       {true, "extends: [/etc/base.yaml]\n", "f:1: extends[0]: want a file relative to this one, https:// or oci://, got /etc/base.yaml"},
	"extends http":           {true, "extends: ['http://x/y']\n", "f:1: extends[0]: want a file relative to this one, https:// or oci://, got http://x/y"},
	"extends without digest": {true, "extends: ['https://x/y']\n", "f:1: extends[0]: want @sha256: and the 64 digits of its digest at the end, so that nobody else decides what it says, got https://x/y"},
	"extends here":           {false, "extends: [base.yaml]\n", "f:1: extends: means nothing here: want a file of its own"},
	"locked nothing":         {true, "locked: []\n", "f:1: locked: want at least one, got an empty list"},
	"locked what":            {true, "locked: [action]\n", "f:1: locked[0]: want profile, actions, parameters, external, controllers, exemptions, annotationExemptions, rulebook, schemas or admission, got action; did you mean actions?"},
	"cluster with roots":     {true, "clusters: {prod: {roots: [a]}}\n", "f:1: clusters.prod.roots: unknown key; want one of profile, actions, parameters, complete, external, controllers, exemptions, annotationExemptions, rulebook, rulebooks, schemas, admission"},
	"cluster with a space":   {true, "clusters: {'a b': {}}\n", "f:1: clusters[\"a b\"]: want a name such as prod or eu-west.staging, got a b"},
	"absolute rules":         {true, "rulebooks: [/srv]\n", "f:1: rulebooks[0]: want a directory relative to this file, got /srv"},
	"a URL for rules":        {true, "rulebooks: ['https://x/y']\n", "f:1: rulebooks[0]: want a directory relative to this file, got https://x/y"},

	"schemas of a string":    {true, "schemas: standard\n", "f:1: schemas: want a mapping, got the string standard"},
	"unknown key of schemas": {true, "schemas:\n  gateway: '1.5'\n", "f:2: schemas.gateway: unknown key; want one of gateway-api, channel, cert-manager, envoy-gateway"},
	"release of a number":    {true, "schemas:\n  gateway-api: 1.5\n", "f:2: schemas.gateway-api: want a string, got the number 1.5; quote it"},
	"release of a patch":     {true, "schemas:\n  cert-manager: v1.21.2\n", "f:2: schemas.cert-manager: want a release such as \"1.5\", got v1.21.2"},
	"channel":                {true, "schemas:\n  channel: experimentl\n", "f:2: schemas.channel: want standard or experimental, got experimentl; did you mean experimental?"},

	"no reason":          {true, "exemptions:\n- rules: ['*']\n  objects: ['*']\n", "f:2: exemptions[0].reason: want it, got nothing"},
	"empty reason":       {true, "exemptions:\n- {rules: ['*'], objects: ['*'], reason: ''}\n", "f:2: exemptions[0].reason: want some text, got an empty string"},
	"blank reason":       {true, "exemptions:\n- {rules: ['*'], objects: ['*'], reason: ' '}\n", "f:2: exemptions[0].reason: want a reason, got blanks"},
	"no objects":         {true, "exemptions:\n- {rules: ['*'], reason: x, objects: []}\n", "f:2: exemptions[0].objects: want at least one, got an empty list"},
	"an object of slash": {true, "exemptions:\n- {rules: ['*'], reason: x, objects: [shop/api]}\n", "f:2: exemptions[0].objects[0]: glob \"shop/api\" matches no object: want \"Kind namespace/name\", \"Kind name\" or *"},
	"a day of none":      {false, "exemptions:\n- {rules: ['*'], objects: ['*'], reason: x, until: 2027-02-30}\n", "f:2: exemptions[0].until: want a date such as 2027-01-31 or a time such as 2027-01-31T18:00:00Z, got the string 2027-02-30"},
	"a day in words":     {true, "exemptions:\n- {rules: ['*'], objects: ['*'], reason: x, until: tomorrow}\n", "f:2: exemptions[0].until: want a date such as 2027-01-31 or a time such as 2027-01-31T18:00:00Z, got the string tomorrow"},
	"a short hour":       {true, "exemptions:\n- {rules: ['*'], objects: ['*'], reason: x, until: 2027-01-31T1:00:00Z}\n", "f:2: exemptions[0].until: want a date such as 2027-01-31 or a time such as 2027-01-31T18:00:00Z, got the date 2027-01-31T1:00:00Z"},
	"a year for a day":   {true, "exemptions:\n- {rules: ['*'], objects: ['*'], reason: x, until: 2027}\n", "f:2: exemptions[0].until: want a date such as 2027-01-31 or a time such as 2027-01-31T18:00:00Z, got the number 2027"},

	"no admission":              {true, "admission:\n", "f:1: admission: want a mapping, got nothing"},
	"admission of a string":     {true, "admission: off\n", "f:1: admission: want a mapping, got the string off"},
	"admission misspelt":        {true, "admision: {}\n", "f:1: admision: unknown key; did you mean admission?"},
	"unknown key of admission":  {true, "admission:\n  liveread: 3\n", "f:2: admission.liveread: unknown key; did you mean liveReads?"},
	"admission near none":       {true, "admission:\n  onCreate: deny\n", "f:2: admission.onCreate: unknown key; want one of mode, ratchet, references, liveReads, guard"},
	"unknown key of references": {true, "admission:\n  references: {oncreate: deny}\n", "f:2: admission.references.oncreate: unknown key; did you mean onCreate?"},
	"references of a list":      {true, "admission:\n  references: []\n", "f:2: admission.references: want a mapping, got a list"},

	"mode":                 {true, "admission:\n  mode: audit\n", "f:2: admission.mode: want enforce, warn or off, got audit"},
	"mode misspelt":        {true, "admission:\n  mode: enforced\n", "f:2: admission.mode: want enforce, warn or off, got enforced; did you mean enforce?"},
	"mode in other case":   {true, "admission:\n  mode: OFF\n", "f:2: admission.mode: want enforce, warn or off, got OFF; did you mean off?"},
	"mode of a boolean":    {true, "admission:\n  mode: false\n", "f:2: admission.mode: want enforce, warn or off, got the boolean false, which YAML 1.1 makes of an unquoted off; write \"off\""},
	"mode of nothing":      {true, "admission:\n  mode:\n", "f:2: admission.mode: want a string, got nothing"},
	"mode of an empty one": {true, "admission:\n  mode: ''\n", "f:2: admission.mode: want some text, got an empty string"},

	"suppressible of a word": {true, "actions:\n  - {rules: ['*'], action: deny, suppressible: no}\n", "f:2: actions[0].suppressible: want true or false, got the string no; write false"},
	"annotations of a list":  {true, "annotationExemptions: [a/b]\n", "f:1: annotationExemptions: want true or false, got a list"},
	"ratchet of a word":      {true, "admission:\n  ratchet: maybe\n", "f:2: admission.ratchet: want true or false, got the string maybe"},
	"ratchet of off":         {true, "admission:\n  ratchet: off\n", "f:2: admission.ratchet: want true or false, got the string off; write false"},
	"ratchet in quotes":      {true, "admission:\n  ratchet: 'true'\n", "f:2: admission.ratchet: want true or false, got the string true; write true"},
	"ratchet of a number":    {true, "admission:\n  ratchet: 0\n", "f:2: admission.ratchet: want true or false, got the number 0"},
	"ratchet of nothing":     {true, "admission:\n  ratchet:\n", "f:2: admission.ratchet: want true or false, got nothing"},
	"ratchet of a mapping":   {true, "admission:\n  ratchet: {}\n", "f:2: admission.ratchet: want true or false, got a mapping"},
	"ratchet that lies":      {false, "admission:\n  ratchet: !!bool x\n", "f:2: admission.ratchet: want true or false, got the boolean x"},
	"ratchet of a lying {}":  {false, "admission:\n  ratchet: !!bool {}\n", "f:2: admission.ratchet: want true or false, got a mapping"},

	"guard":                 {true, "admission:\n  guard: on\n", "f:2: admission.guard: want off, warn or deny, got on"},
	"onCreate":              {true, "admission:\n  references:\n    onCreate: never\n", "f:3: admission.references.onCreate: want auto, deny or pending, got never"},
	"onCreate misspelt":     {true, "admission:\n  references:\n    onCreate: pendign\n", "f:3: admission.references.onCreate: want auto, deny or pending, got pendign; did you mean pending?"},
	"onCreate of a boolean": {true, "admission:\n  references:\n    onCreate: true\n", "f:3: admission.references.onCreate: want a string, got the boolean true; quote it"},

	"pendingGrace of a word":     {true, "admission:\n  references:\n    pendingGrace: long\n", "f:3: admission.references.pendingGrace: want a duration such as 10m or 1h30m, got the string long"},
	"pendingGrace without unit":  {true, "admission:\n  references:\n    pendingGrace: 600\n", "f:3: admission.references.pendingGrace: want a duration such as 10m or 1h30m, got the number 600; did you mean 600s?"},
	"pendingGrace in minutes":    {true, "admission:\n  references:\n    pendingGrace: 10 Min\n", "f:3: admission.references.pendingGrace: want a duration such as 10m or 1h30m, got the string 10 Min; did you mean 10m?"},
	"pendingGrace in many words": {true, "admission:\n  references:\n    pendingGrace: 1 hour 30 minutes\n", "f:3: admission.references.pendingGrace: want a duration such as 10m or 1h30m, got the string 1 hour 30 minutes; did you mean 1h30m?"},
	"pendingGrace in long words": {true, "admission:\n  references:\n    pendingGrace: 1 hour and 30 minutes and 1 second\n", "f:3: admission.references.pendingGrace: want a duration such as 10m or 1h30m, got the string 1 hour and 30 minutes and 1 second"},
	"pendingGrace in days":       {true, "admission:\n  references:\n    pendingGrace: 1d\n", "f:3: admission.references.pendingGrace: want a duration such as 10m or 1h30m, got the string 1d"},
	"pendingGrace of 0":          {true, "admission:\n  references:\n    pendingGrace: 0\n", "f:3: admission.references.pendingGrace: want a duration such as 10m or 1h30m, got the number 0"},
	"pendingGrace of a list":     {true, "admission:\n  references:\n    pendingGrace: [10m]\n", "f:3: admission.references.pendingGrace: want a duration such as 10m or 1h30m, got a list"},
	"pendingGrace of nothing":    {true, "admission:\n  references:\n    pendingGrace:\n", "f:3: admission.references.pendingGrace: want a duration such as 10m or 1h30m, got nothing"},
	"pendingGrace of 0s":         {false, "admission:\n  references:\n    pendingGrace: 0s\n", "f:3: admission.references.pendingGrace: want at least 1s, because creation times are whole seconds, got 0s; for no grace at all set onCreate: deny"},
	"pendingGrace below 0":       {true, "admission:\n  references:\n    pendingGrace: -10m\n", "f:3: admission.references.pendingGrace: want at least 1s, because creation times are whole seconds, got -10m; for no grace at all set onCreate: deny"},
	"pendingGrace too short":     {false, "admission:\n  references:\n    pendingGrace: 999ms\n", "f:3: admission.references.pendingGrace: want at least 1s, because creation times are whole seconds, got 999ms; for no grace at all set onCreate: deny"},
	"pendingGrace too long":      {false, "admission:\n  references:\n    pendingGrace: 24h0m1s\n", "f:3: admission.references.pendingGrace: want at most 24h, because what is missing after a day is not on its way, got 24h0m1s"},
	"pendingGrace without bound": {false, "admission:\n  references:\n    pendingGrace: 9999999999h\n", "f:3: admission.references.pendingGrace: want a duration such as 10m or 1h30m, got the string 9999999999h"},

	"liveReads of none":      {true, "admission:\n  liveReads: 0\n", "f:2: admission.liveReads: want at least 1, because without live reads nothing is denied for what is missing, got 0"},
	"liveReads below 0":      {true, "admission:\n  liveReads: -1\n", "f:2: admission.liveReads: want at least 1, because without live reads nothing is denied for what is missing, got -1"},
	"liveReads of too many":  {true, "admission:\n  liveReads: 1001\n", "f:2: admission.liveReads: want at most 1000, because more would crowd out others at the API server, got 1001"},
	"liveReads of 64 bits":   {false, "admission:\n  liveReads: 18446744073709551615\n", "f:2: admission.liveReads: want at most 1000, because more would crowd out others at the API server, got 18446744073709551615"},
	"liveReads of a part":    {true, "admission:\n  liveReads: 0.5\n", "f:2: admission.liveReads: want a whole number, got the number 0.5"},
	"liveReads in quotes":    {true, "admission:\n  liveReads: '50'\n", "f:2: admission.liveReads: want a whole number, got the string 50; write it without quotes"},
	"liveReads of a word":    {true, "admission:\n  liveReads: many\n", "f:2: admission.liveReads: want a whole number, got the string many"},
	"liveReads of nothing":   {true, "admission:\n  liveReads:\n", "f:2: admission.liveReads: want a whole number, got nothing"},
	"liveReads that lie":     {false, "admission:\n  liveReads: !!int x\n", "f:2: admission.liveReads: want a whole number, got the number x"},
	"liveReads of a mapping": {false, "admission:\n  liveReads: !!int {}\n", "f:2: admission.liveReads: want a whole number, got a mapping"},
	"liveReads by an alias":  {false, "admission: {references: {onCreate: &a deny}, liveReads: *a}\n", "f:1: admission.liveReads: want the value itself, got the alias *a"},
	"admission, several": {true, "admission:\n  liveReads: 0\n  references:\n    pendingGrace: 10\n    onCreate: x\n  ratchet: 1\n  mode: y\n", `
f:2: admission.liveReads: want at least 1, because without live reads nothing is denied for what is missing, got 0
f:4: admission.references.pendingGrace: want a duration such as 10m or 1h30m, got the number 10; did you mean 10s?
f:5: admission.references.onCreate: want auto, deny or pending, got x
f:6: admission.ratchet: want true or false, got the number 1
f:7: admission.mode: want enforce, warn or off, got y
`},
}
