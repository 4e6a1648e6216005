package lib.kgateway_test

import data.lib.kgateway

test_names if {
	kgateway.names({"verifySubjectAltNames": ["a"]}) == ["a"]
	kgateway.names({"verifySubjectAltName": ["b"]}) == ["b"]
	kgateway.names({}) == []
}

test_files if {
	kgateway.files({"files": {"rootCA": "a"}}) == {"rootCA": "a"}
	kgateway.files({"tlsFiles": {"rootCA": "b"}}) == {"rootCA": "b"}
	kgateway.files({}) == {}
	kgateway.files_field({"files": {}}) == "files"
	kgateway.files_field({"tlsFiles": {}}) == "tlsFiles"
}

test_targets if {
	kgateway.refused == "requests to api fail with 5xx" with input as {"object": {"spec": {"targetRefs": [{"name": "api"}]}}}
	kgateway.targets == "its targets" with input as {"object": {"spec": {"targetSelectors": []}}}
}

test_versions if kgateway.versions["1.2"] < kgateway.versions["1.3"]
