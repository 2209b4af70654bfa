// Package demoserver is a small mail server for one domain, IMAP and SMTP on loopback, that the demo brings along. What is sent
// through it stays within it.
//
// A real mail program can log in to it. Mail to certain addresses of its domain makes things happen: reply@, ooo@, bounce@ and
// interview@ answer with just that.
package demoserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Server is a mail server for one domain.
type Server struct {
	Domain   string
	IMAPAddr string // host:port
	SMTPAddr string

	caps imap.CapSet
	imap *imapserver.Server
	smtp *smtp.Server
	wg   sync.WaitGroup
	now  func() time.Time

	mu    sync.Mutex
	users map[string]*account // by local part
	watch func(Envelope)      // nil, or who is shown what is submitted
}

type account struct {
	user     *imapmemserver.User
	password string
}

// Envelope is a mail that was submitted.
type Envelope struct {
	From string
	To   []string
	Data []byte
}

// Start starts a server on free loopback ports. It lacks the capabilities named in without, such as MOVE.
func Start(domain string, now func() time.Time, without ...string) (*Server, error) {
	s := &Server{Domain: domain, users: map[string]*account{}, now: now, caps: imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIdle: {}, imap.CapUIDPlus: {}, imap.CapMove: {}, imap.CapNamespace: {}, imap.CapSpecialUse: {}, imap.CapListExtended: {}, imap.CapESearch: {}}}
	for _, c := range without {
		delete(s.caps, imap.Cap(c))
	}
	mem := imapmemserver.New()
	s.imap = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &session{server: s, mem: mem}, nil, nil
		},
		Caps:         s.caps,
		InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &submission{s: s}, nil }))
	s.smtp.Domain, s.smtp.AllowInsecureAuth, s.smtp.ErrorLog = "localhost", true, log.New(io.Discard, "", 0)
	il, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	sl, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, il.Close())
	}
	s.IMAPAddr, s.SMTPAddr = il.Addr().String(), sl.Addr().String()
	s.wg.Go(func() { _ = s.imap.Serve(il) })
	s.wg.Go(func() { _ = s.smtp.Serve(sl) })
	return s, nil
}

// Close stops the server.
func (s *Server) Close() error {
	err := errors.Join(s.imap.Close(), s.smtp.Close())
	s.wg.Wait()
	return err
}

// session is an IMAP session; the memory server finds users by itself, so we look them up here.
type session struct {
	*imapmemserver.UserSession
	server *Server
	mem    *imapmemserver.Server
}

func (ss *session) Login(username, password string) error {
	local, _, _ := strings.Cut(strings.ToLower(username), "@")
	ss.server.mu.Lock()
	a := ss.server.users[local]
	ss.server.mu.Unlock()
	if a == nil || a.password != password {
		return imapserver.ErrAuthFailed
	}
	ss.UserSession = imapmemserver.NewUserSession(a.user)
	return nil
}

func (ss *session) Close() error {
	if ss.UserSession == nil {
		return nil
	}
	return ss.UserSession.Close()
}

// AddUser makes a mailbox with INBOX, Sent and Drafts.
func (s *Server) AddUser(local, password string) error {
	u := imapmemserver.NewUser(local, password)
	for name, use := range map[string][]imap.MailboxAttr{"INBOX": nil, "Sent": {imap.MailboxAttrSent}, "Drafts": {imap.MailboxAttrDrafts}} {
		if err := u.Create(name, &imap.CreateOptions{SpecialUse: use}); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[local] = &account{u, password}
	return nil
}

// Password is a user's password.
func (s *Server) Password(local string) (password string, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.users[local]; a != nil {
		return a.password, true
	}
	return "", false
}

// Append puts a message into a user's folder as received at the given time.
func (s *Server) Append(local, folder string, raw []byte, received time.Time, flags ...imap.Flag) error {
	s.mu.Lock()
	a := s.users[local]
	s.mu.Unlock()
	if a == nil {
		return fmt.Errorf("no user %s", local)
	}
	_, err := a.user.Append(folder, literal{bytes.NewReader(raw), int64(len(raw))}, &imap.AppendOptions{Time: received, Flags: flags})
	return err
}

type literal struct {
	io.Reader
	size int64
}

func (l literal) Size() int64 { return l.size }

// Watch has fn shown each mail that is submitted from now on, before it is delivered.
func (s *Server) Watch(fn func(Envelope)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch = fn
}

// submission is an SMTP session.
type submission struct {
	s    *Server
	from string
	to   []string
}

func (b *submission) AuthMechanisms() []string { return []string{sasl.Plain} }

func (b *submission) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		local, _, _ := strings.Cut(strings.ToLower(username), "@")
		b.s.mu.Lock()
		defer b.s.mu.Unlock()
		if a := b.s.users[local]; a == nil || a.password != password {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (b *submission) Mail(from string, _ *smtp.MailOptions) error { b.from = from; return nil }
func (b *submission) Rcpt(to string, _ *smtp.RcptOptions) error {
	if refusedAtOnce(to) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "<" + to + ">: Recipient address rejected: User unknown"}
	}
	b.to = append(b.to, to)
	return nil
}
func (b *submission) Reset()        { b.from, b.to = "", nil }
func (b *submission) Logout() error { return nil }

// Data delivers to the users here, and has the trigger addresses answer. Nothing leaves the machine.
func (b *submission) Data(r io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(r, 64<<20))
	if err != nil {
		return err
	}
	b.s.mu.Lock()
	watch := b.s.watch
	b.s.mu.Unlock()
	if watch != nil {
		watch(Envelope{b.from, slices.Clone(b.to), data})
	}
	now := b.s.now()
	for _, to := range b.to {
		local, domain, _ := strings.Cut(strings.ToLower(to), "@")
		if !strings.EqualFold(domain, b.s.Domain) {
			continue
		}
		local, _, _ = strings.Cut(local, "+")
		if answer := triggered(local, to, b.from, data, now); answer != nil {
			sender, _, _ := strings.Cut(strings.ToLower(b.from), "@")
			if err := b.s.Append(sender, "INBOX", answer, now); err != nil {
				return err
			}
			continue
		}
		b.s.mu.Lock()
		_, known := b.s.users[local]
		b.s.mu.Unlock()
		if known {
			if err := b.s.Append(local, "INBOX", data, now); err != nil {
				return err
			}
		}
	}
	return nil
}
