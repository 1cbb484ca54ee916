// SPDX-License-Identifier: GPL-2.0-only
/*
 * A server and its client whose connections are of MPTCP, as those of Go's servers are from 1.24 on.
 *
 *	mptcp listen PORT		answers each request of HTTP with the same page
 *	mptcp ask PORT NUMBER WIDTH	asks so often, by a connection each, so many at a time; prints
 *					how many were answered by MPTCP
 */
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

const page = "HTTP/1.0 200 OK\r\n\r\na page\n"

func answer(conn net.Conn) {
	defer conn.Close()
	if _, err := conn.Read(make([]byte, 4096)); err == nil {
		io.WriteString(conn, page)
	}
}

func listen(port string) {
	config := net.ListenConfig{}
	config.SetMultipathTCP(true)
	listener, err := config.Listen(context.Background(), "tcp4", "0.0.0.0:"+port)
	for err == nil {
		var conn net.Conn
		if conn, err = listener.Accept(); err == nil {
			go answer(conn)
		}
	}
	log.Fatal(err)
}

func ask(port string) bool {
	dialer := net.Dialer{}
	dialer.SetMultipathTCP(true)
	conn, err := dialer.Dial("tcp4", "127.0.0.1:"+port)
	if err != nil {
		log.Print(err)
		return false
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HTTP/1.0\r\n\r\n")
	text, err := io.ReadAll(conn)
	multipath, _ := conn.(*net.TCPConn).MultipathTCP()
	return err == nil && strings.HasSuffix(string(text), "a page\n") && multipath
}

func main() {
	if os.Args[1] == "listen" {
		listen(os.Args[2])
	}
	var asked, answered atomic.Int64
	number, _ := strconv.Atoi(os.Args[3])
	width, _ := strconv.Atoi(os.Args[4])
	done := make(chan bool)
	for i := 0; i < width; i++ {
		go func() {
			for asked.Add(1) <= int64(number) {
				if ask(os.Args[2]) {
					answered.Add(1)
				}
			}
			done <- true
		}()
	}
	for i := 0; i < width; i++ {
		<-done
	}
	fmt.Println(answered.Load())
}
