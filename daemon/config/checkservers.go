package config

import (
	"net"
	"net/url"
	"strings"

	"fifthcall/daemon/seal"
	"fifthcall/mailbox"
)

func (d *DeskConfig) checkServers(r *Reader, p, base, file string) {
	im, sm := &d.IMAP, &d.SMTP
	if im.Host == "" {
		r.fail(p+".imap.host", "needs the IMAP server, such as \"imap.firm.example\"")
	}
	if im.Username == "" {
		r.fail(p+".imap.username", "needs the login, mostly the address")
	}
	checkTransport(r, p+".imap", im.Host, im.Security, &im.Port, ports{993, 143})
	im.check(r, p+".imap", base, file, im.Username != "")
	im.CAFile = resolve(base, im.CAFile)
	if sm.Host == "" {
		if sm.Username != "" || sm.Port != 0 || sm.Given() {
			r.fail(p+".smtp.host", "needs the submission server; leave [desk.smtp] out to have drafts only")
		}
		return
	}
	checkTransport(r, p+".smtp", sm.Host, sm.Security, &sm.Port, ports{465, 587})
	sm.check(r, p+".smtp", base, file, sm.Username != "")
	sm.CAFile = resolve(base, sm.CAFile)
	if sm.Username == "" && !Loopback(sm.Host) {
		r.fail(p+".smtp.username", "needs the login: without one only towards this machine")
	}
}

// ports are the usual ones of a service.
type ports struct{ tls, plain int }

func checkTransport(r *Reader, p, host, security string, port *int, usual ports) {
	switch mailbox.Security(security) {
	case mailbox.SecurityTLS, mailbox.SecuritySTARTTLS:
	case mailbox.SecurityNone:
		if host != "" && !Loopback(host) {
			r.fail(p+".security", "\"none\" would send the password in the clear to %s; it is allowed towards this machine only: use \"tls\" or \"starttls\"", host)
		}
	default:
		r.fail(p+".security", "%q is none of tls, starttls, none", security)
	}
	if *port < 0 || *port > 65535 {
		r.fail(p+".port", "%d is not a port", *port)
	}
	if *port == 0 {
		*port = usual.plain
		if security == string(mailbox.SecurityTLS) {
			*port = usual.tls
		}
	}
}

// Loopback reports whether the host is this machine, by address or as "localhost".
func Loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Given reports whether any way to a secret is configured.
func (s *SecretConfig) Given() bool {
	return s.Password != "" || s.PasswordFile != "" || s.PasswordEnv != "" || len(s.PasswordCommand) > 0
}

func (s *SecretConfig) check(r *Reader, p, base, file string, needed bool) {
	n := 0
	for _, set := range []bool{s.Password != "", s.PasswordFile != "", s.PasswordEnv != "", len(s.PasswordCommand) > 0} {
		if set {
			n++
		}
	}
	switch {
	case n > 1:
		r.fail(p, "give the secret in one way only: password, password_file, password_env or password_command")
	case n == 0 && needed && s.Auth != "oauth2": // then the token comes from 'oauth login'
		r.fail(p, "needs password, password_file, password_env or password_command")
	}
	if s.Auth != "password" && s.Auth != "oauth2" {
		r.fail(p+".auth", "%q is neither password nor oauth2", s.Auth)
	}
	s.PasswordFile = resolve(base, s.PasswordFile)
	if s.PasswordFile != "" {
		if err := seal.Private(s.PasswordFile); err != nil {
			r.fail(p+".password_file", "%v", err)
		}
	}
	if s.Password != "" {
		if err := seal.Private(file); err != nil {
			r.fail(p+".password", "%v", err)
		}
	}
}

// oauthNeeded reports whether a login wants an access token that no command prints.
func (d *DeskConfig) oauthNeeded() bool {
	for _, s := range []*SecretConfig{&d.IMAP.SecretConfig, &d.SMTP.SecretConfig} {
		if s.Auth == "oauth2" && !s.Given() {
			return true
		}
	}
	return false
}

func (o *OAuthConfig) check(r *Reader, p, base, file string, needed bool) {
	o.ClientSecretFile = resolve(base, o.ClientSecretFile)
	if o.Provider != "" && o.Provider != "google" && o.Provider != "microsoft" {
		r.fail(p+".provider", "%q is neither google nor microsoft; leave it out and give auth_url and token_url", o.Provider)
	}
	for opt, u := range map[string]string{".auth_url": o.AuthURL, ".token_url": o.TokenURL, ".device_url": o.DeviceURL} {
		if u == "" {
			continue
		}
		if a, err := url.Parse(u); err != nil || a.Host == "" || a.Scheme != "https" && !(a.Scheme == "http" && Loopback(a.Hostname())) {
			r.fail(p+opt, "%q is no https address", u)
		}
	}
	if o.ClientSecret != "" && o.ClientSecretFile != "" {
		r.fail(p+".client_secret", "give the secret in one way only")
	}
	if o.ClientSecretFile != "" {
		if err := seal.Private(o.ClientSecretFile); err != nil {
			r.fail(p+".client_secret_file", "%v", err)
		}
	}
	if o.ClientSecret != "" {
		if err := seal.Private(file); err != nil {
			r.fail(p+".client_secret", "%v", err)
		}
	}
	if o.RedirectPort < 0 || o.RedirectPort > 65535 {
		r.fail(p+".redirect_port", "%d is not a port", o.RedirectPort)
	}
	if !needed {
		return
	}
	if o.ClientID == "" {
		r.fail(p+".client_id", "auth = \"oauth2\" without a password_command needs [desk.oauth] with your client_id; the README says how to get one")
	}
	if o.Provider == "" && (o.TokenURL == "" || o.AuthURL == "" && o.DeviceURL == "") {
		r.fail(p+".provider", "say google or microsoft, or give token_url and auth_url")
	}
}
