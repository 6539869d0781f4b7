#include "net/loop_handler.h"

namespace sluice::net {

void LoopHandler::on_datagrams(std::span<Datagram> /*datagrams*/, Micros /*now*/) {}
void LoopHandler::on_tcp_opened(uint32_t /*connection*/, const SocketAddress& /*remote*/,
                                const SocketAddress& /*local*/, Micros /*now*/) {}
void LoopHandler::on_tcp_frame(uint32_t /*connection*/, MutableBytes /*frame*/, Micros /*now*/) {}
void LoopHandler::on_tcp_closed(uint32_t /*connection*/, TcpCloseReason /*reason*/,
                                Micros /*now*/) {}
void LoopHandler::on_turn(Micros /*now*/) {}
void LoopHandler::on_timers(Micros /*now*/) {}

}  // namespace sluice::net
