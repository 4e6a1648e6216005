package lib.acme_test

import data.lib.acme

test_lack if {
	acme.lack({"presence": "absent", "state": "is gone"}) == "is gone"
	acme.lack({"presence": "present", "key_presence": "absent", "key": "ca.crt"}) == "has no ca.crt"
	not acme.lack({"presence": "unknown", "key_presence": "unknown"})
}
