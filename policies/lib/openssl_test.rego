package lib.openssl_test

import data.lib.openssl

# What nginx with OpenSSL 3.0 said of each.
test_selects[list] if {
	some list in [
		"ECDHE-RSA-AES128-GCM-SHA256",
		"FOO:ECDHE-RSA-AES128-GCM-SHA256",
		"TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256",
		"ECDHE-ECDSA-CHACHA20-POLY1305",
		"DHE-RSA-AES256-CCM8",
		"HIGH:!aNULL",
		"HIGH!aNULL",
		"HIGH:!aNULL:+SHA",
		"EECDH+AESGCM:EDH+AESGCM",
		"ECDHE+AESGCM:DHE+CHACHA20",
		"kEECDH+FIPS",
		"HIGH:@SECLEVEL=2",
		"HIGH@SECLEVEL=2",
		"@STRENGTH:HIGH",
		"IDEA:ECDHE",
		":HIGH",
		"HIGH::MEDIUM",
		"NULL-SHA256",
		"ECDHE-RSA-AES128-GCM-SHA256,ECDHE-RSA-AES256-GCM-SHA384",
		"ALL:!ADH:!LOW:!EXP:!RC4",
	]
	openssl.selects(list)
}

test_refuses[list] if {
	some list in [
		"",
		"FOO",
		"TLS_AES_128_GCM_SHA256",
		"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384",
		"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
		"!HIGH",
		"RC4-SHA",
		"DES-CBC3-SHA",
		"EXPORT",
		"EDH+DES",
		"EECDH+FOO",
		"ecdhe-rsa-aes128-gcm-sha256",
		"high",
		"HIGH:!",
		"HIGH:+",
		"HIGH:!:AES128",
		"HIGH!",
		"HIGH+",
		"HIGH-aNULL",
		"+HIGH",
		"@SECLEVEL=0",
		"FOO:@STRENGTH",
		"PROFILE=SYSTEM",
		"CHACHA20-POLY1305",
	]
	not openssl.selects(list)
}
