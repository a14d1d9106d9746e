package mailtest

import (
	"bufio"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// Hostile starts a server that gives each connection to serve, and returns its port. It closes them at the end.
func Hostile(t testing.TB, serve func(conn net.Conn)) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex // guards conns
	var conns []net.Conn
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		defer mu.Unlock()
		for _, conn := range conns {
			conn.Close()
		}
	})
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			go serve(conn)
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

// Script answers to commands by their first word: an answer of several lines has them all. Without an answer there is "250 ok";
// "hang" says nothing, and "reset" ends the connection.
func Script(answers map[string]string) func(net.Conn) {
	return func(conn net.Conn) {
		defer conn.Close()
		lines := bufio.NewScanner(conn)
		command := "GREETING"
		for {
			answer, known := answers[command]
			switch {
			case known:
			case command == "GREETING":
				answer = "220 hostile"
			case command == "DATA":
				answer = "354 go on"
			case command == "QUIT":
				answer = "221 bye"
			default:
				answer = "250 ok"
			}
			if act(conn, answer) != nil {
				return
			}
			inData := command == "DATA" && strings.HasPrefix(answer, "354")
			for command = ""; command == ""; {
				if !lines.Scan() {
					return
				}
				switch {
				case inData && lines.Text() == ".":
					command = "END"
				case !inData:
					command, _, _ = strings.Cut(strings.ToUpper(lines.Text()), " ")
				}
			}
		}
	}
}

// act gives an answer.
func act(conn net.Conn, answer string) error {
	switch answer {
	case "hang":
		_, err := conn.Read(make([]byte, 1)) // returns when the other side closes
		return err
	case "reset":
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		return net.ErrClosed
	}
	_ = conn.SetWriteDeadline(time.Now().Add(within))
	_, err := conn.Write([]byte(answer + "\r\n"))
	return err
}
