package lib.certmanager_test

import data.lib.certmanager

annotated(annotations) := {"object": {"metadata": {"annotations": annotations}}}

test_asking[name] if {
	some name, case in {
		"issuer": {"annotations": {"cert-manager.io/issuer": "internal"}, "want": true},
		"cluster issuer": {"annotations": {"cert-manager.io/cluster-issuer": "letsencrypt"}, "want": true},
		"issuer of another kind": {"annotations": {"cert-manager.io/issuer": "x", "cert-manager.io/issuer-kind": "Other"}, "want": true},
		"both": {"annotations": {"cert-manager.io/issuer": "", "cert-manager.io/cluster-issuer": "x"}, "want": false},
		"cluster issuer of a kind": {"annotations": {"cert-manager.io/cluster-issuer": "x", "cert-manager.io/issuer-kind": "y"}, "want": false},
		"cluster issuer of a group": {"annotations": {"cert-manager.io/cluster-issuer": "x", "cert-manager.io/issuer-group": "y"}, "want": false},
		"empty": {"annotations": {"cert-manager.io/issuer": ""}, "want": false},
		"none": {"annotations": {}, "want": false},
	}
	got := {true | certmanager.asking with input as annotated(case.annotations)}
	got == {true | case.want}
}

test_severity if {
	certmanager.severity == "error" with input as {"refs": {"listener-certificate": [{"presence": "absent"}]}}
	certmanager.severity == "warning" with input as {"refs": {"server-certificate": [{"presence": "unknown"}]}}
}

test_refused_times[name] if {
	some name, case in {
		"none": {"spec": {}, "want": set()},
		"in order": {"spec": {"duration": "2160h", "renewBefore": "360h"}, "want": set()},
		"a percentage": {"spec": {"duration": "2160h", "renewBeforePercentage": 25}, "want": set()},
		"days": {"spec": {"duration": "90d"}, "want": {["duration", "90d is no duration"]}},
		"a number": {"spec": {"renewBefore": 30}, "want": {["renewBefore", "30 is no duration"]}},
		"short": {"spec": {"duration": "30m"}, "want": {["duration", "30m is less than an hour"]}},
		"late": {"spec": {"renewBefore": "1m"}, "want": {["renewBefore", "1m is less than five minutes"]}},
		"before it begins": {
			"spec": {"renewBefore": "2160h"},
			"want": {["renewBefore", "2160h is not less than the duration, which is 2160h"]},
		},
		"twice": {"spec": {"renewBefore": "24h", "renewBeforePercentage": 20}, "want": {["renewBefore", "renewBeforePercentage is set too"]}},
		"all of it": {"spec": {"duration": "2h", "renewBeforePercentage": 0}, "want": {["renewBeforePercentage", "0 leaves no time, or all of it"]}},
		"nothing of it": {"spec": {"duration": "2h", "renewBeforePercentage": 99}, "want": {["renewBeforePercentage", "99 leaves no time, or all of it"]}},
		"a percentage alone": {"spec": {"renewBeforePercentage": 100}, "want": set()},
	}
	certmanager.refused_times(case.spec) == case.want
}

test_usual_times[name] if {
	some name, case in {
		"as in the documentation": {"spec": {"duration": "2160h", "renewBefore": "360h"}, "want": true},
		"as the API server may write it": {"spec": {"duration": "2160h0m0s", "renewBefore": "720h0m0s"}, "want": true},
		"a renewal alone": {"spec": {"renewBefore": "360h"}, "want": true},
		"a duration alone": {"spec": {"duration": "8760h"}, "want": true},
		"short": {"spec": {"duration": "720h", "renewBefore": "720h"}, "want": false},
		"late": {"spec": {"duration": "2160h", "renewBefore": "24h"}, "want": false},
		"a percentage": {"spec": {"duration": "2160h", "renewBeforePercentage": 100}, "want": false},
	}
	{true | certmanager.usual_times(case.spec)} == {true | case.want}
}
