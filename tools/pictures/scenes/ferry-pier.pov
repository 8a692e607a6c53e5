// print: size=1440x960 key=#16324a spot=#e2542f seed=21
// Noon after rain: the pier leads from the near right to the ferry, and a queue waits in its lee.
#declare Seed=17; #declare Haze=900; #declare HazeTop=16; #declare SunX=-.55; #declare SunY=.95; #declare SunZ=-.35; #declare SkyLow=.80; #declare SkyHigh=.22; #declare SkyBand=.42; #declare Chop=.20; #declare Fill=.25; #declare Ambient=.16;
#include "kit.inc"
#declare Eye=<7.5,7.2,-30>;
camera{location Eye look_at Eye+<-.19,-.13,1> right x*image_width/image_height angle 54}
Cloud(-24,5.5,9,T4) Cloud(-12,3.6,5,T4) Cloud(2,6.2,10,T4) Cloud(14,3.4,6,T4) Cloud(-35,8,6,T4)
Water(.10)
Ridge(-1200,900,1400,90,2.2,.22)
// The pier, planked.
box{<4.2,1.0,-40>,<11,1.6,92> #if (Plate=1) pigment{gradient z color_map{[0 rgb .55][.93 rgb .62][.93 rgb .03][1 rgb .03]} scale .62} finish{ambient Ambient diffuse .78} #else Flat(0) #end}
box{<4.0,1.2,-40>,<4.35,1.95,92> Tone(.10)} box{<10.85,1.2,-40>,<11.2,1.95,92> Tone(.10)}
#declare k=0; #while(k<20) union{Bar(<4.5,-3,-26+k*6>,<4.5,1.4,-26+k*6>,.26) Bar(<10.6,-3,-26+k*6>,<10.6,1.4,-26+k*6>,.26) Tone(.02)} #declare k=k+1; #end
#macro Bollard(p) union{cylinder{0,y*.62,.20} sphere{0,.29 scale<1,.5,1> translate y*.66} cylinder{0,y*.06,.36} Tone(.012) translate p} #end
#declare k=0; #while(k<9) Bollard(<5.0,1.6,-16.5+k*12>) Bollard(<10.2,1.6,-16.5+k*12>) #declare k=k+1; #end
#declare k=0; #while(k<6) union{cone{0,.13,y*5.2,.06} sphere{y*5.45,.30} cylinder{y*5.15,y*5.25,.22} cylinder{0,y*.5,.2} Tone(.012) translate<10.3,1.6,-10.5+k*18>} #declare k=k+1; #end
// The queue.
#declare i=0; #while(i<22) object{Figure(Between(1.6,1.84),.012,int(rand(R)*4)) rotate y*Between(-25,25) translate<6.3+Between(-.45,.45)+i*.12+(i>11?Between(-.5,.9):0),1.6,9+i*2.2+i*i*.12+Between(-.4,.4)>}
  #if (rand(R)<.35) box{<-.25,0,-.12>,<.25,.45,.12> Tone(.05) translate<6.3+.6+i*.12,1.6,9+i*2.2+i*i*.12>} #end #declare i=i+1; #end
object{Figure(1.75,.012,1) translate<8.9,1.6,2>} object{Figure(1.15,.012,2) translate<9.45,1.6,2.2>}
// The ferry, its ramp down on the pier's end.
object{Ferry(66,.035) translate<-20,0,112>}
prism{linear_spline -2.6,2.6,4,<0,2.6>,<12,1.4>,<12,1.1>,<0,2.0> matrix<1,0,0, 0,0,1, 0,1,0, 0,0,0> translate<-1,0,98> Tone(.05)}
box{<1,1.0,90>,<13,1.6,104> Tone(.45)}
#declare k=0; #while(k<4) Bar(<1.3+k*3.8,-3,90>,<1.3+k*3.8,4.5,90>,.3) #declare k=k+1; #end
object{Sail(9,.01) rotate y*20 translate<-52,0,60>}
#declare i=0; #while(i<6) Gull(<Between(-26,2),Between(10,16),Between(10,40)>,Between(.7,1.1),Between(-30,30),T4) #declare i=i+1; #end
