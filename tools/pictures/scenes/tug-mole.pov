// print: size=1440x960 key=#1d2c3a spot=#e0a21b seed=12
// First light: a grain carrier between two tugs passes the head of the mole; its railing is bent.
#declare Seed=9; #declare Haze=850; #declare HazeTop=20; #declare SunX=-.16; #declare SunY=.115; #declare SkyLow=.93; #declare SkyHigh=.40; #declare Fill=.35;
#include "kit.inc"
#declare Eye=<-4,13,-70>;
camera{location Eye look_at Eye+<.02,-.105,1> right x*image_width/image_height angle 52}
Sun(88)
Cloud(-8.6,5.6,7,.40) Cloud(-13,7.8,5,.34) Cloud(9,7.4,10,.40) Cloud(21,9.4,7,.36) Cloud(-25,8.8,6,.36)
#declare Sea=function(a,b){sin(a*.05+b*.072)*1.1+sin(a*.021-b*.12+1)*.6+sin(a*.11+b*.16)*.24+sin(a*.37-b*.21)*.07}
Swell(Sea,2.2,-420,-60,420,900,620,.14)
union{ object{Hull(150,22,9.5,.42,.02)}
  box{<-70,8,-9.5>,<-55,26,9.5> Tone(.30)} box{<-69,24,-12>,<-58,27,12> Tone(.34)} box{<-57.9,24.6,-11>,<-57.8,26.2,11> Flat(.01)}
  #declare i=0; #while(i<4) box{<-54.95,11+i*3.2,-8>,<-54.9,12.4+i*3.2,8> Flat(.03)} box{<-68,11+i*3.2,-9.55>,<-57,12.3+i*3.2,-9.5> Flat(.03)} #declare i=i+1; #end
  cylinder{<-66,26,0>,<-66.6,34,0>,2.6 Tone(.02)} Bar(<-60,27,0>,<-60,36,0>,.35)
  #declare i=0; #while(i<6) box{<-46+i*17.5,9,-7>,<-33+i*17.5,12,7> Tone(.18)} box{<-46.4+i*17.5,12,-7.4>,<-32.6+i*17.5,12.5,7.4> Tone(.03)} #declare i=i+1; #end
  #declare i=0; #while(i<3) Bar(<-30.6+i*35,9,0>,<-30.6+i*35,23,0>,.9) Bar(<-30.6+i*35,21.5,0>,<-8+i*35,24.5,0>,.45) box{<-32+i*35,20,-1.5>,<-29+i*35,22.5,1.5>} #declare i=i+1; #end
  Bar(<66,11,0>,<66,21,0>,.4) Bar(<66,20,0>,<74,14,0>,.15)
  Tone(.02) rotate y*194 translate<10,0,200>}
object{Tug(30,.012) rotate y*188 translate<-72,-.5,140>}
object{Tug(28,.012) rotate y*200 translate<58,-.4,136>}
Bar(<-58,4,140>,<-66,13,182>,.16)
// The mole's head: the deck comes in from the lower right; the storm took the rail.
union{
  box{<0,-12,-30>,<60,0,0> Tone(.04)} box{<-.5,-.9,-30>,<60,.05,.5> Tone(.03)} box{<-.5,.05,-.6>,<60,.5,.5> Tone(.10)}
  #declare i=0; #while(i<8) box{<2+i*5,.04,-30>,<2.12+i*5,.07,0> Flat(.045)} #declare i=i+1; #end box{<-.5,.04,-2.6>,<60,.07,-2.45> Flat(.045)}
  union{cylinder{0,y*.8,.32} sphere{0,.46 scale<1,.5,1> translate y*.9} cylinder{0,y*.1,.6} Tone(.11) translate<3.4,.05,-5.2>} union{cylinder{0,y*.8,.32} sphere{0,.46 scale<1,.5,1> translate y*.9} cylinder{0,y*.1,.6} Tone(.11) translate<5.2,.05,-5.2>}
  #declare i=0; #while(i<13)
    #declare lean=(i=3?34:(i=4?68:(i=5?-20:(i=8?26:Between(-5,5)))));
    union{Bar(0,y*1.9,.09) sphere{y*1.9,.12}
      #if (i!=4&i!=5&i!=3&i!=8) Bar(<0,1.85,0>,<2.5,1.85+Between(-.12,.12),0>,.055) Bar(<0,1.05,0>,<2.5,1.05+Between(-.1,.1),0>,.045) #end
      #if (i=8) Bar(<0,1.85,0>,<1.1,2.3,-.3>,.055) Bar(<1.1,2.3,-.3>,<1.9,1.2,-.5>,.055) #end
      #if (i=4) Bar(<0,1.85,0>,<.9,1.5,.2>,.055) #end
      rotate z*lean Tone(.004) translate<.6+i*2.5,.5,.0>}
  #declare i=i+1; #end
  rotate y*9 translate<-9,3.9,-41>}
#declare i=0; #while(i<7) Gull(<Between(-30,20),Between(18,26),Between(-10,30)>,Between(.8,1.4),Between(-30,30),.004) #declare i=i+1; #end
