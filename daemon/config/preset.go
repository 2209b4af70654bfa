package config

import (
	"fmt"
	"strings"

	"fifthcall/daemon/desk"
)

// Preset is what is known of a mail provider.
type Preset struct {
	Name                   string
	IMAPHost, SMTPHost     string
	IMAPPort, SMTPPort     int
	IMAPSecurity, SMTPSafe string
	Hint                   string // what the recruiter must do there first
}

var presets = []struct {
	domains []string
	preset  Preset
}{
	{[]string{"gmail.com", "googlemail.com"}, Preset{Name: "Gmail", IMAPHost: "imap.gmail.com", SMTPHost: "smtp.gmail.com", Hint: "Gmail wants an app password: switch on 2-step verification, then make one in your Google account under Security"}},
	{[]string{"outlook.com", "hotmail.com", "live.com", "msn.com", "hotmail.co.uk"}, Preset{Name: "Microsoft 365", IMAPHost: "outlook.office365.com", SMTPHost: "smtp.office365.com", SMTPPort: 587, SMTPSafe: "starttls", Hint: "Microsoft takes no passwords here: set auth = \"oauth2\" and a password_command that prints an access token"}},
	{[]string{"fastmail.com", "fastmail.fm", "sent.com"}, Preset{Name: "Fastmail", IMAPHost: "imap.fastmail.com", SMTPHost: "smtp.fastmail.com", Hint: "Fastmail wants an app password: Settings, Privacy & Security, App passwords"}},
	{[]string{"icloud.com", "me.com", "mac.com"}, Preset{Name: "iCloud", IMAPHost: "imap.mail.me.com", SMTPHost: "smtp.mail.me.com", SMTPPort: 587, SMTPSafe: "starttls", Hint: "iCloud wants an app-specific password from your Apple account"}},
	{[]string{"yahoo.com", "yahoo.co.uk", "ymail.com"}, Preset{Name: "Yahoo", IMAPHost: "imap.mail.yahoo.com", SMTPHost: "smtp.mail.yahoo.com", Hint: "Yahoo wants an app password: Account security"}},
	{[]string{"gmx.de", "gmx.net", "gmx.at", "gmx.ch"}, Preset{Name: "GMX", IMAPHost: "imap.gmx.net", SMTPHost: "mail.gmx.net", Hint: "Switch on IMAP in GMX under Settings, POP3/IMAP"}},
	{[]string{"web.de"}, Preset{Name: "WEB.DE", IMAPHost: "imap.web.de", SMTPHost: "smtp.web.de", Hint: "Switch on IMAP in WEB.DE under Settings, POP3/IMAP"}},
	{[]string{"zoho.com"}, Preset{Name: "Zoho", IMAPHost: "imap.zoho.com", SMTPHost: "smtp.zoho.com"}},
	{[]string{"mailbox.org"}, Preset{Name: "mailbox.org", IMAPHost: "imap.mailbox.org", SMTPHost: "smtp.mailbox.org"}},
	{[]string{"posteo.de"}, Preset{Name: "Posteo", IMAPHost: "posteo.de", SMTPHost: "posteo.de"}},
}

// PresetFor is what is known of the provider, by the address's domain or the provider's
// name; of others the usual host names are guessed.
func PresetFor(domain, provider string) Preset {
	for _, p := range presets {
		if strings.EqualFold(p.preset.Name, provider) || provider == "" && desk.Contains(p.domains, strings.ToLower(domain)) {
			return p.preset.complete()
		}
	}
	return Preset{Name: "own server", IMAPHost: "imap." + domain, SMTPHost: "smtp." + domain}.complete()
}

// PresetNames are the providers known.
func PresetNames() []string {
	var out []string
	for _, p := range presets {
		out = append(out, p.preset.Name)
	}
	return out
}

func (p Preset) complete() Preset {
	if p.IMAPPort == 0 {
		p.IMAPPort = 993
	}
	if p.IMAPSecurity == "" {
		p.IMAPSecurity = "tls"
	}
	if p.SMTPPort == 0 {
		p.SMTPPort = 465
	}
	if p.SMTPSafe == "" {
		p.SMTPSafe = "tls"
	}
	return p
}

// Answers are what 'init' asks for.
type Answers struct {
	Name, Email, Timezone  string
	IMAPHost, SMTPHost     string // SMTPHost "" for none
	IMAPPort, SMTPPort     int
	IMAPSecurity, SMTPSafe string
	Username, PasswordFile string
	StateDir               string
}

// File is the configuration file for the answers.
func (a Answers) File() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("# Written by 'fifthcall init'. config.example.toml names every option.\n\n[store]\ndir = %q\n\n[http]\nlisten = \"127.0.0.1:8025\"\n\n", a.StateDir)
	p("[[desk]]\nname = %q\nemail = %q\ntimezone = %q\n\n", a.Name, a.Email, a.Timezone)
	p("[desk.imap]\nhost = %q\nport = %d\nsecurity = %q\nusername = %q\npassword_file = %q\n", a.IMAPHost, a.IMAPPort, a.IMAPSecurity, a.Username, a.PasswordFile)
	if a.SMTPHost != "" {
		p("\n[desk.smtp]\nhost = %q\nport = %d\nsecurity = %q\nusername = %q\npassword_file = %q\n", a.SMTPHost, a.SMTPPort, a.SMTPSafe, a.Username, a.PasswordFile)
	}
	return b.String()
}
