package mailbox

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"fifthcall/mailbox/message"
)

// Found is what a look at a mail server found.
type Found struct {
	Capabilities []string
	Folders      *Folders
	Greeting     string
	ServerTime   time.Time // from the greeting, zero if it tells none
	TLS          string    // the protocol version, "" without TLS
}

// CheckIMAP signs in and lists the folders. What was found before an error is returned with it.
func CheckIMAP(ctx context.Context, a *Account) (*Found, error) {
	f := &Found{}
	s, err := connect(ctx, a)
	if err != nil {
		return f, err
	}
	defer s.close()
	f.TLS = tlsVersion(s.conn.Conn)
	for c := range s.caps {
		f.Capabilities = append(f.Capabilities, string(c))
	}
	slices.Sort(f.Capabilities)
	f.Folders, err = s.listFolders()
	return f, err
}

func tlsVersion(c net.Conn) string {
	if tc, ok := c.(*tls.Conn); ok {
		return tls.VersionName(tc.ConnectionState().Version)
	}
	return ""
}

// SentFolderOf is the folder of sent mail that a Watcher would read, and the folders among
// those configured that don't exist.
func (w *Watcher) SentFolderOf(f *Folders) (sent string, missing []string) {
	sent, _, missing = w.plan(f)
	return sent, missing
}

// CheckSMTP signs in to a submission server (RFC 6409) without sending anything.
func CheckSMTP(ctx context.Context, a *Account) (*Found, error) {
	f := &Found{}
	raw, err := a.Dial(ctx)
	if err != nil {
		return f, err
	}
	defer func() { _ = raw.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	_ = raw.SetDeadline(time.Now().Add(time.Minute))
	t := smtpTalk{textproto.NewReader(bufio.NewReader(raw)), raw}
	_, f.Greeting, err = t.r.ReadResponse(220)
	if err != nil {
		return f, fmt.Errorf("greeting of %s: %w", a.Address(), err)
	}
	f.ServerTime = greetingTime(f.Greeting)
	ext, err := t.cmd(250, "EHLO localhost")
	if err != nil {
		return f, fmt.Errorf("%s: EHLO: %w", a.Address(), err)
	}
	if a.Security == SecuritySTARTTLS {
		if _, err := t.cmd(220, "STARTTLS"); err != nil {
			return f, fmt.Errorf("%s: STARTTLS: %w", a.Address(), err)
		}
		secure, err := a.handshake(ctx, raw)
		if err != nil {
			return f, err
		}
		raw = secure
		t = smtpTalk{textproto.NewReader(bufio.NewReader(secure)), secure}
		if ext, err = t.cmd(250, "EHLO localhost"); err != nil {
			return f, fmt.Errorf("%s: EHLO: %w", a.Address(), err)
		}
	}
	f.TLS = tlsVersion(raw)
	f.Capabilities = strings.Split(ext, "\n")[1:]
	if a.Username == "" {
		return f, nil
	}
	return f, t.signIn(ctx, a)
}

type smtpTalk struct {
	r *textproto.Reader
	w net.Conn
}

func (t smtpTalk) cmd(want int, line string) (string, error) {
	if _, err := t.w.Write([]byte(line + "\r\n")); err != nil {
		return "", err
	}
	_, msg, err := t.r.ReadResponse(want)
	return msg, err
}

func (t smtpTalk) signIn(ctx context.Context, a *Account) error {
	secret, err := a.Secret(ctx)
	if err != nil {
		return fmt.Errorf("secret for %s: %w", a.Username, err)
	}
	auth := "AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00"+a.Username+"\x00"+secret))
	if a.OAuth2 {
		x := &xoauth2{user: a.Username, token: secret}
		_, first, _ := x.Start()
		auth = "AUTH XOAUTH2 " + base64.StdEncoding.EncodeToString(first)
	}
	if _, err := t.cmd(235, auth); err != nil {
		return fmt.Errorf("%w by %s for %s: %w", ErrSignIn, a.Address(), a.Username, err)
	}
	_, _ = t.cmd(221, "QUIT")
	return nil
}

// greetingTime finds a date in a greeting such as sendmail's.
func greetingTime(s string) time.Time {
	if i := strings.LastIndexByte(s, ';'); i >= 0 {
		if t, ok := message.ParseDate(s[i+1:]); ok {
			return t
		}
	}
	return time.Time{}
}
