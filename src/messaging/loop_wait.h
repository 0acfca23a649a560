// LoopWait, by the name that this folder has always called it.
#pragma once

#include "base/loop_wait.h"

namespace sallyport::messaging {

using sallyport::LoopWait;

}  // namespace sallyport::messaging
